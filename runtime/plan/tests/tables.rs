//! Documents before and after → steps, both dialects' statements and verdicts. Each folder of `tests/tables` is a case:
//! `before*.json` in name order (none: an empty tenant), `after.json`; the rest is expected output.
//! `TRELLIS_UPDATE=1` rewrites it.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use trellis_metadata::document::DocumentSet;
use trellis_metadata::resolve::resolve;
use trellis_metadata::snapshot::Snapshot;
use trellis_plan::records;
use trellis_plan::tables::{Answer, Layout, Step, diff, judge, questions, render, system};
use trellis_plan::{Dialect, Source, Statement};

const DIALECTS: [(Dialect, &str); 2] = [(Dialect::Sqlite, "sqlite"), (Dialect::Postgres, "postgres")];

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables");
    let mut folders: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    let failures: Vec<String> = folders.iter().flat_map(|case| check(case)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn check(case: &Path) -> Vec<String> {
    let previous = history(case);
    let next = layout(&case.join("after.json"));
    let steps = diff(&previous, &next);

    let applied = Layout::after(&previous, next.clone(), &steps);
    assert_eq!(diff(&applied, &next), [], "{} does not settle", case.display());

    assert_eq!(diff(&without_types(&next), &next), [], "{} is not what older versions kept", case.display());

    let mut failures = Vec::new();
    for (dialect, name) in DIALECTS {
        failures.extend(compare(&case.join(format!("{name}.sql")), &script(&steps, dialect)));
    }
    failures.extend(compare(&case.join("verdicts.txt"), &verdicts(&steps)));
    failures
}

/// As versions kept it that did not tell types.
fn without_types(layout: &Layout) -> Layout {
    let mut layout = layout.clone();
    for column in layout.tables.iter_mut().flat_map(|table| &mut table.columns) {
        (column.field_type, column.limits) = (None, None);
    }
    layout
}

/// The layout in force after every earlier state, quarantine and all.
fn history(case: &Path) -> Layout {
    let mut earlier: Vec<PathBuf> = fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path()).collect();
    earlier.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("before") && name.ends_with(".json")
    });
    // `before.json` is the last of them.
    earlier.sort_by_key(|path| (path.ends_with("before.json"), path.clone()));
    let empty_tenant = layout_of(Vec::new(), "no documents");
    earlier.iter().fold(empty_tenant, |previous, path| {
        let next = layout(path);
        let steps = diff(&previous, &next);
        Layout::after(&previous, next, &steps)
    })
}

fn script(steps: &[Step], dialect: Dialect) -> String {
    let mut text = String::new();
    for step in steps {
        let _ = writeln!(text, "-- {}", step.describe());
        for statement in render(step, dialect) {
            let _ = writeln!(text, "{}", spelled(&statement));
        }
    }
    text
}

fn spelled(statement: &Statement) -> String {
    let binds: Vec<String> = statement
        .binds
        .iter()
        .map(|bind| match &bind.source {
            Source::Value(value) => value.to_string(),
            other => format!("{other:?}"),
        })
        .collect();
    let note = if binds.is_empty() { String::new() } else { format!(" -- {}", binds.join(", ")) };
    format!("{};{note}", statement.sql)
}

/// Each step with what is asked, and the verdict when no record stands against it and when three do.
fn verdicts(steps: &[Step]) -> String {
    let asked: Vec<_> = DIALECTS.map(|(dialect, name)| (name, questions(steps, dialect))).into();
    let three = Answer { rows: 3, samples: Vec::new() };
    let against: BTreeMap<usize, Answer> = asked[0].1.iter().map(|question| (question.step, three.clone())).collect();
    let clear = judge(steps, &BTreeMap::new());
    let doubtful = judge(steps, &against);
    let mut text = String::new();
    for (position, step) in steps.iter().enumerate() {
        let _ = writeln!(text, "{} {}: {}", step.code(), step.table(), step.describe());
        for (name, questions) in &asked {
            for question in questions.iter().filter(|question| question.step == position) {
                let _ = writeln!(text, "  ask {name}: {}", spelled(&question.statement));
            }
        }
        let _ = writeln!(text, "  none: {:?}. {}", clear[position].level, clear[position].reason);
        if against.contains_key(&position) {
            let _ = writeln!(text, "  some: {:?}. {}", doubtful[position].level, doubtful[position].reason);
        }
    }
    text
}

#[test]
fn system_tables() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/system_tables");
    let mut failures = Vec::new();
    for (dialect, name) in DIALECTS {
        let statements = system::create_system_tables(dialect);
        let lines: Vec<String> = statements.iter().map(spelled).collect();
        let text = lines.join("\n") + "\n";
        failures.extend(compare(&folder.join(format!("{name}.sql")), &text));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What records write beside a change goes into tables that have those columns, under those kinds.
#[test]
fn journal_fits_the_system_tables() {
    let snapshot = Snapshot::default();
    for (dialect, _) in DIALECTS {
        for (name, statement) in [
            ("_history", records::history(&snapshot, dialect)),
            ("_outbox", records::outbox(&snapshot, dialect)),
            ("_sequences", records::sequence(&snapshot, dialect)),
        ] {
            let statement = statement.unwrap();
            let table = system::SYSTEM_TABLES.iter().find(|table| table.name == name).unwrap();
            let head = statement.sql.split(" VALUES ").next().unwrap();
            let named: Vec<&str> = head.split('"').skip(1).step_by(2).collect();
            assert_eq!(named[0], name);
            assert!(statement.binds.len() >= named.len() - 1, "{head}");
            for (column, bind) in named[1..].iter().zip(&statement.binds) {
                let found = table.columns.iter().find(|known| known.name == *column);
                assert_eq!(found.map(|known| known.kind), Some(bind.kind), "{name}.{column}");
            }
            let unnamed = table.columns.iter().filter(|known| !named.contains(&known.name));
            let must: Vec<&str> =
                unnamed.filter(|known| !known.null && known.name != "seq").map(|known| known.name).collect();
            assert_eq!(must, [""; 0], "{name} would refuse the row");
        }
    }
}

fn compare(path: &Path, actual: &str) -> Option<String> {
    if std::env::var_os("TRELLIS_UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, actual).unwrap();
        return None;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    (expected != actual).then(|| format!("{}\n--- expected\n{expected}--- actual\n{actual}", path.display()))
}

fn layout(path: &Path) -> Layout {
    let documents: Vec<serde_json::Value> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    layout_of(documents, &path.display().to_string())
}

fn layout_of(documents: Vec<serde_json::Value>, name: &str) -> Layout {
    let (set, findings) = DocumentSet::from_json(documents);
    let resolution = resolve(&set, 1);
    let errors: Vec<_> = findings.iter().chain(resolution.errors()).collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
    Layout::of(&resolution.snapshot.unwrap())
}
