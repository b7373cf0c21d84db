//! Rows, history and events of a tenant against each other: written in one transaction, they tell the same story.

use std::collections::BTreeMap;

use trellis_plan::{Arguments, ColumnKind, Statement, Value};
use trellis_storage::{Session, TenantHandle};
use uuid::Uuid;

/// What keeps a history.
const OBJECTS: [&str; 2] = ["machine", "part"];

type Record = (String, Uuid);

/// Versions and what made them.
type Story = Vec<(i64, String)>;

/// Records whose history or events are not exactly what their rows say.
pub fn gaps(tenant: &TenantHandle) -> Vec<String> {
    let read =
        tenant.read(|session| Ok::<_, trellis_storage::Error>((rows(session), history(session), events(session))));
    let (rows, history, events) = read.unwrap();
    let mut wrong = differences("history", &rows, &history);
    let kinds = |story: &Story| story.iter().map(|(_, kind)| kind.clone()).collect::<Vec<_>>();
    let told = rows.iter().map(|(record, story)| (record.clone(), kinds(story))).collect();
    wrong.extend(differences("events", &told, &events));
    wrong
}

fn differences<T: PartialEq + std::fmt::Debug>(
    what: &str,
    rows: &BTreeMap<Record, T>,
    found: &BTreeMap<Record, T>,
) -> Vec<String> {
    let keys: std::collections::BTreeSet<_> = rows.keys().chain(found.keys()).collect();
    let differ = keys.into_iter().filter(|key| rows.get(*key) != found.get(*key));
    differ.map(|key| format!("{key:?}: {what} {:?}, row {:?}", found.get(key), rows.get(key))).collect()
}

/// The story each row implies, deleted ones included: made, changed once for each version, and perhaps deleted.
fn rows(session: &mut dyn Session) -> BTreeMap<Record, Story> {
    let mut stories = BTreeMap::new();
    for object in OBJECTS {
        let sql = format!("SELECT id, version, deleted_at FROM {object}");
        for row in select(session, &sql, &[ColumnKind::Id, ColumnKind::Integer, ColumnKind::DateTime]) {
            let last = row[1].as_integer().unwrap();
            let kind = |version| match version {
                1 => "create",
                _ if version == last && !row[2].is_null() => "delete",
                _ => "update",
            };
            let story = (1..=last).map(|version| (version, kind(version).to_owned())).collect();
            stories.insert((object.to_owned(), row[0].as_id().unwrap()), story);
        }
    }
    stories
}

fn history(session: &mut dyn Session) -> BTreeMap<Record, Story> {
    let kinds = [ColumnKind::Text, ColumnKind::Id, ColumnKind::Integer, ColumnKind::Text];
    let mut stories = BTreeMap::<_, Story>::new();
    for row in select(session, "SELECT object, record, version, kind FROM _history ORDER BY version, seq", &kinds) {
        let entry = (row[2].as_integer().unwrap(), text(&row[3]));
        stories.entry((text(&row[0]), row[1].as_id().unwrap())).or_default().push(entry);
    }
    stories
}

fn events(session: &mut dyn Session) -> BTreeMap<Record, Vec<String>> {
    let kinds = [ColumnKind::Text, ColumnKind::Id, ColumnKind::Text];
    let mut stories = BTreeMap::<_, Vec<String>>::new();
    for row in select(session, "SELECT object, record, kind FROM _outbox ORDER BY seq", &kinds) {
        if !OBJECTS.contains(&text(&row[0]).as_str()) {
            continue;
        }
        stories.entry((text(&row[0]), row[1].as_id().unwrap())).or_default().push(text(&row[2]));
    }
    stories
}

fn text(value: &Value) -> String {
    value.as_text().unwrap().to_owned()
}

fn select(session: &mut dyn Session, sql: &str, columns: &[ColumnKind]) -> Vec<Vec<Value>> {
    let statement = Statement { sql: sql.to_owned(), binds: Vec::new(), columns: columns.to_vec() };
    let mut found = Vec::new();
    let each = &mut |row: &dyn trellis_plan::Row| {
        let cells = columns.iter().enumerate().map(|(index, kind)| Ok(row.cell(index, *kind)?.to_value()));
        found.push(cells.collect::<Result<_, trellis_storage::Error>>()?);
        Ok(())
    };
    session.query(&statement, &Arguments::slots(&[]), each).unwrap();
    found
}
