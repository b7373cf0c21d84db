//! Findings about documents as people read them, whether they were made here or by a server.

use serde_json::{Value, json};
use trellis_metadata::diagnostic::{Diagnostic, place};

use super::output::{Output, count};

/// Shows findings, each on its own line, and how many there are.
pub fn report(diagnostics: &[Diagnostic], output: &Output) {
    let answer = json!({ "diagnostics": diagnostics });
    output.answer(&answer, || match lines(&answer["diagnostics"], output) {
        none if none.is_empty() => output.green("no findings"),
        lines => lines + summary(&answer["diagnostics"], output).as_str(),
    });
}

/// Each finding on its own line, with what to do about it.
pub fn lines(diagnostics: &Value, output: &Output) -> String {
    shown(diagnostics, output).map(|finding| line(finding, output)).collect()
}

pub fn summary(diagnostics: &Value, output: &Output) -> String {
    let (errors, warnings): (Vec<_>, Vec<_>) = shown(diagnostics, output).partition(|finding| is_error(finding));
    let errors = count(errors.len(), "error");
    if output.shows_warnings() { format!("{errors}, {}", count(warnings.len(), "warning")) } else { errors }
}

pub fn is_error(finding: &Value) -> bool {
    finding["severity"] == "error"
}

fn shown<'d>(diagnostics: &'d Value, output: &Output) -> impl Iterator<Item = &'d Value> {
    let with_warnings = output.shows_warnings();
    let all = diagnostics.as_array().into_iter().flatten();
    all.filter(move |finding| with_warnings || is_error(finding))
}

fn line(finding: &Value, output: &Output) -> String {
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    let number = |key: &str| finding[key].as_u64().and_then(|number| number.try_into().ok()).unwrap_or_default();
    let place = place(text("file"), number("line"), number("column"), text("pointer"));
    let severity = if is_error(finding) { output.red("error") } else { output.yellow("warning") };
    let help = match finding["help"].as_str() {
        Some(help) => format!("    help: {help}\n"),
        None => String::new(),
    };
    format!("{place} {} {severity} {}\n{help}", text("code"), text("message"))
}
