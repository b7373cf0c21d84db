//! Requests and what they become: `records/<case>/request.json` says who asks for what of the equipment package;
//! `sqlite.sql` and `postgres.sql` hold the statement and its binds. `TRELLIS_UPDATE=1` rewrites them.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;
use trellis_access::{Profile, matrix};
use trellis_metadata::document::DocumentSet;
use trellis_metadata::expression::{self, Scope, Type};
use trellis_metadata::identifier::Identifier;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::resolve::resolve;
use trellis_metadata::snapshot::{FieldIndex, Object, Snapshot, Verb};
use trellis_metadata::value::Value;
use trellis_plan::records::{Context, IdSlots, count, get, select, select_by_ids};
use trellis_plan::request::{Embed, EmbedRelation, Nulls, OrderKey, SelectColumn, SelectRequest, Trash};
use trellis_plan::{Dialect, Error, Statement};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    roles: Vec<Identifier>,
    object: String,
    select: Vec<String>,
    filter: Option<String>,
    /// `-field` is descending.
    #[serde(default)]
    order: Vec<String>,
    limit: Option<u32>,
    /// Texts, or null.
    after: Option<Vec<Option<String>>>,
    /// The object's collection or lookup, with `!` in front for an inner one.
    embed: Option<String>,
}

#[test]
fn requests_become_statements() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records");
    let snapshot = package();
    compare(&folder.join("matrix.txt"), &matrix(&snapshot));
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(!cases.is_empty());
    for case in cases {
        let text = fs::read_to_string(case.join("request.json")).unwrap();
        let asked: Case = serde_json::from_str(&text).unwrap();
        for (dialect, file) in [(Dialect::Sqlite, "sqlite.sql"), (Dialect::Postgres, "postgres.sql")] {
            let answer = statements(&snapshot, dialect, &asked).unwrap_or_else(|error| format!("refused: {error}\n"));
            compare(&case.join(file), &answer);
        }
    }
}

fn statements(snapshot: &Snapshot, dialect: Dialect, case: &Case) -> Result<String, Error> {
    let profile = Profile::compile(snapshot, &case.roles);
    let context = Context { snapshot, dialect, profile: &profile };
    let object = snapshot.object_by_name(&case.object).unwrap();
    let Some(grant) = profile.grant(object.index, Verb::Read) else {
        return Err(Error::HiddenObject { object: object.index });
    };
    let mut request = request(object, &case.select);
    request.filter = case.filter.as_ref().map_or(Predicate::Always(true), |source| filter(snapshot, object, source));
    request.order = case.order.iter().map(|key| order(object, key)).collect();
    request.limit = case.limit.unwrap_or(trellis_plan::request::DEFAULT_LIMIT);
    request.after = case
        .after
        .as_ref()
        .map(|values| values.iter().map(|value| value.as_ref().map_or(Value::Null, |text| key_value(text))).collect());
    let embed = case.embed.as_ref().map(|name| embed(snapshot, object, name));
    request.embeds.extend(embed.clone());
    let mut text = String::new();
    print(&mut text, "select", &select(context, grant, &request)?.statement);
    print(&mut text, "count", &count(context, grant, &request)?);
    print(&mut text, "get", &get(context, grant, &request)?.statement);
    if let Some(embed) = embed {
        let related = profile.grant(embed.request.object, Verb::Read).unwrap();
        let plan = select_by_ids(context, related, &embed, IdSlots::for_count(3))?;
        print(&mut text, "embed", &plan.statement);
    }
    Ok(text)
}

fn request(object: &Object, fields: &[String]) -> SelectRequest {
    let column = |name: &String| SelectColumn { field: field(object, name), name: name.clone() };
    SelectRequest {
        object: object.index,
        columns: fields.iter().map(column).collect(),
        embeds: Vec::new(),
        filter: Predicate::Always(true),
        order: Vec::new(),
        limit: 100,
        offset: 0,
        after: None,
        trash: Trash::Exclude,
    }
}

fn field(object: &Object, name: &str) -> FieldIndex {
    object.field_by_name(name).unwrap().index
}

fn filter(snapshot: &Snapshot, object: &Object, source: &str) -> Predicate {
    let scope =
        Scope { objects: &snapshot.objects, record: object.index, previous: false, max_hops: 2, volatile: true };
    let expression = expression::compile(source, &scope, Some(Type::Boolean)).unwrap();
    expression::lower(&expression, &scope).unwrap()
}

fn order(object: &Object, key: &str) -> OrderKey {
    let (name, descending) = key.strip_prefix('-').map_or((key, false), |name| (name, true));
    let nulls = if descending { Nulls::First } else { Nulls::Last };
    OrderKey { field: field(object, name), descending, nulls }
}

/// An id, a date or a text.
fn key_value(text: &str) -> Value {
    text.parse()
        .map(Value::Id)
        .or_else(|_| text.parse().map(Value::Date))
        .unwrap_or_else(|_: chrono::ParseError| Value::text(text))
}

fn embed(snapshot: &Snapshot, object: &Object, name: &str) -> Embed {
    let (name, inner) = name.strip_prefix('!').map_or((name, false), |name| (name, true));
    let (relation, target) = if let Some(collection) = object.collection(name) {
        (EmbedRelation::Many { via: collection.via }, collection.object)
    } else {
        let via = field(object, name);
        (EmbedRelation::One { via }, object.field(via).kind.relation().unwrap().target)
    };
    let request = request(snapshot.object(target), &["id".to_owned()]);
    Embed { name: name.to_owned(), relation, request: request.into(), count: None, inner }
}

fn print(text: &mut String, name: &str, statement: &Statement) {
    let _ = writeln!(text, "-- {name}\n{}", statement.sql);
    for (at, bind) in statement.binds.iter().enumerate() {
        let _ = writeln!(text, "--   {}: {:?} as {:?}", at + 1, bind.source, bind.kind);
    }
}

fn package() -> Snapshot {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../metadata/tests/passing/packages/equipment_loan");
    let mut files = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                files.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let (set, diagnostics) = DocumentSet::parse(files);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    resolve(&set, 1).snapshot.unwrap()
}

fn compare(path: &Path, found: &str) {
    if env::var_os("TRELLIS_UPDATE").is_some() {
        fs::write(path, found).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, expected, "{}", path.display());
}
