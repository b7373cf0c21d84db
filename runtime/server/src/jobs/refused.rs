//! The rows an import refused as a file of their own: each as it stood, and what is wrong with it, to be mended and
//! imported again.

use trellis_engine::import::{Format, Outcome, Request};

/// The columns of the file, and one for what is wrong.
pub fn header(request: &Request) -> String {
    let Format::Csv { delimiter } = request.format else { return String::new() };
    let cells: Vec<String> = request.header.iter().map(|cell| quoted(cell)).chain(["problems".to_owned()]).collect();
    format!("{}\r\n", cells.join(&delimiter.to_string()))
}

/// The rows of a part that were refused, as they stood in the file.
pub fn lines(outcome: &str, format: &Format) -> String {
    let outcome: Outcome = serde_json::from_str(outcome).unwrap_or_default();
    let mut text = String::new();
    for refused in outcome.refused {
        match format {
            Format::Csv { delimiter } => {
                let problems: Vec<String> = refused.errors.iter().map(ToString::to_string).collect();
                let problems = quoted(&format!("line {}: {}", refused.line, problems.join("; ")));
                text.push_str(&format!("{}{delimiter}{problems}\r\n", refused.text));
            }
            Format::Ndjson => {
                let line = serde_json::json!({ "line": refused.line, "errors": refused.errors, "row": refused.text });
                text.push_str(&format!("{line}\n"));
            }
        }
    }
    text
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', ';', '\t', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
