//! Writing: one thread, all changes that wait together in one commit, nobody answered before it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::connection;
use super::record::{Created, New, Patch, units};

pub enum Change {
    Create(Vec<New>),
    /// `owner`: only when the row is his.
    Update {
        id: Uuid,
        owner: Option<Uuid>,
        patch: Patch,
    },
}

#[derive(Debug)]
pub enum Failure {
    Unknown,
    Invalid(&'static str),
    Database(rusqlite::Error),
    Ended,
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Failure::Database(error)
    }
}

/// Id and version of the (last) written record.
type Outcome = Result<(Uuid, i64), Arc<Failure>>;

struct Command {
    actor: Uuid,
    at: DateTime<Utc>,
    change: Change,
    answer: oneshot::Sender<Outcome>,
}

#[derive(Clone)]
pub struct Writer(SyncSender<Command>);

const BATCH: usize = 128;

impl Writer {
    pub fn start(file: &Path, journal: bool) -> rusqlite::Result<Self> {
        let connection = connection::writer(file)?;
        let caretaker = start_caretaker(file.to_owned());
        let (sender, receiver) = sync_channel(4_096);
        std::thread::spawn(move || work(&connection, &receiver, &caretaker, journal));
        Ok(Self(sender))
    }

    pub async fn write(&self, actor: Uuid, at: DateTime<Utc>, change: Change) -> Outcome {
        let (answer, outcome) = oneshot::channel();
        let ended = || Arc::new(Failure::Ended);
        self.0.try_send(Command { actor, at, change, answer }).map_err(|_| ended())?;
        outcome.await.unwrap_or_else(|_| Err(ended()))
    }
}

fn work(connection: &Connection, receiver: &Receiver<Command>, caretaker: &SyncSender<()>, journal: bool) {
    let mut commits = 0_u64;
    while let Ok(first) = receiver.recv() {
        let mut answers = Vec::new();
        let run = || -> rusqlite::Result<()> {
            connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            let mut next = Some(first);
            while let Some(command) = next.take() {
                let outcome = change(connection, command.actor, command.at, command.change, journal);
                answers.push((command.answer, outcome.map_err(Arc::new)));
                if answers.len() < BATCH {
                    next = receiver.try_recv().ok();
                }
            }
            connection.prepare_cached("COMMIT")?.execute([])?;
            Ok(())
        };
        if let Err(error) = run() {
            eprintln!("commit failed: {error}");
            return;
        }
        for (waiter, outcome) in answers {
            // A waiter that went away is no reason to stop.
            let _ = waiter.send(outcome);
        }
        commits += 1;
        if commits.is_multiple_of(64) {
            let _ = caretaker.try_send(());
        }
    }
}

/// Moves the log back into the file, off the writer.
fn start_caretaker(file: PathBuf) -> SyncSender<()> {
    let (sender, receiver) = sync_channel(1);
    std::thread::spawn(move || {
        let Ok(connection) = connection::caretaker(&file) else { return };
        while receiver.recv().is_ok() {
            let log = std::fs::metadata(format!("{}-wal", file.display())).map_or(0, |log| log.len());
            let mode = if log > 64 << 20 { "TRUNCATE" } else { "PASSIVE" };
            // A checkpoint that finds the file busy is made up for by the next.
            let _ = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()));
        }
    });
    sender
}

fn change(
    connection: &Connection,
    actor: Uuid,
    at: DateTime<Utc>,
    change: Change,
    journal: bool,
) -> Result<(Uuid, i64), Failure> {
    match change {
        Change::Create(records) => {
            let mut last = Uuid::nil();
            for record in records {
                last = create(connection, actor, at, &record, journal)?;
            }
            Ok((last, 1))
        }
        Change::Update { id, owner, patch } => {
            let version = if journal {
                update_journalled(connection, actor, at, id, owner, &patch)?
            } else {
                update(connection, actor, at, id, owner, &patch)?
            };
            Ok((id, version))
        }
    }
}

fn create(
    connection: &Connection,
    actor: Uuid,
    at: DateTime<Utc>,
    record: &New,
    journal: bool,
) -> Result<Uuid, Failure> {
    let id = Uuid::now_v7();
    let number = |text: &Option<String>, scale, field| match text {
        Some(text) => units(text, scale).map(Some).ok_or(Failure::Invalid(field)),
        None => Ok(None),
    };
    let (amount, discount) = (number(&record.amount, 2, "amount")?, number(&record.discount, 6, "discount")?);
    let status = record.status.as_deref().unwrap_or("open");
    connection
        .prepare_cached(
            "INSERT INTO visit (id, created_at, created_by, updated_at, updated_by, owner_id, version, code, title, \
             note, status, priority, amount, discount, planned_on, seen_at, settled, contact, city) \
             VALUES (?1, ?2, ?3, ?2, ?3, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            id.as_bytes().as_slice(),
            at.timestamp_micros(),
            actor.as_bytes().as_slice(),
            record.code,
            record.title,
            record.note,
            status,
            record.priority,
            amount,
            discount,
            record.planned_on.format("%Y-%m-%d").to_string(),
            record.seen_at.map(|at| at.timestamp_micros()),
            record.settled,
            record.contact,
            record.city,
        ])?;
    if journal {
        let created = Created {
            id,
            created_at: at,
            created_by: actor,
            owner_id: actor,
            code: &record.code,
            title: &record.title,
            note: record.note.as_deref(),
            status,
            priority: record.priority,
            amount,
            discount,
            planned_on: record.planned_on,
            seen_at: record.seen_at,
            settled: record.settled,
            contact: record.contact.as_deref(),
            city: record.city.as_deref(),
        };
        let after = serde_json::to_string(&created).unwrap_or_default();
        log(connection, "create", actor, at, id, 1, None, &after)?;
    }
    Ok(id)
}

fn update(
    connection: &Connection,
    actor: Uuid,
    at: DateTime<Utc>,
    id: Uuid,
    owner: Option<Uuid>,
    patch: &Patch,
) -> Result<i64, Failure> {
    let mut statement = connection.prepare_cached(
        "UPDATE visit SET title = coalesce(?4, title), priority = coalesce(?5, priority), city = coalesce(?6, city), \
         version = version + 1, updated_at = ?2, updated_by = ?3 \
         WHERE id = ?1 AND deleted_at IS NULL AND (?7 IS NULL OR owner_id = ?7) RETURNING version",
    )?;
    let owner = owner.as_ref().map(|owner| owner.as_bytes().as_slice());
    let (id, actor) = (id.as_bytes().as_slice(), actor.as_bytes().as_slice());
    let version = statement
        .query_row(params![id, at.timestamp_micros(), actor, patch.title, patch.priority, patch.city, owner], |row| {
            row.get(0)
        })
        .optional()?;
    version.ok_or(Failure::Unknown)
}

/// The values before go into the journal, so they are read first.
fn update_journalled(
    connection: &Connection,
    actor: Uuid,
    at: DateTime<Utc>,
    id: Uuid,
    owner: Option<Uuid>,
    patch: &Patch,
) -> Result<i64, Failure> {
    let mut statement =
        connection.prepare_cached("SELECT title, priority, city FROM visit WHERE id = ?1 AND deleted_at IS NULL")?;
    let before = statement
        .query_row([id.as_bytes().as_slice()], |row| {
            Ok(Patch {
                title: if patch.title.is_some() { row.get(0)? } else { None },
                priority: if patch.priority.is_some() { row.get(1)? } else { None },
                city: if patch.city.is_some() { row.get(2)? } else { None },
            })
        })
        .optional()?
        .ok_or(Failure::Unknown)?;
    let version = update(connection, actor, at, id, owner, patch)?;
    let text = |patch: &Patch| serde_json::to_string(patch).unwrap_or_default();
    log(connection, "update", actor, at, id, version, Some(&text(&before)), &text(patch))?;
    Ok(version)
}

/// One history row and one event row, which is done at once: no workflow waits for it.
#[expect(clippy::too_many_arguments, reason = "the columns of the two rows")]
fn log(
    connection: &Connection,
    kind: &str,
    actor: Uuid,
    at: DateTime<Utc>,
    id: Uuid,
    version: i64,
    before: Option<&str>,
    after: &str,
) -> Result<(), Failure> {
    let (id, actor, at) = (id.as_bytes().as_slice(), actor.as_bytes().as_slice(), at.timestamp_micros());
    connection
        .prepare_cached(
            "INSERT INTO _history (object, record, version, kind, actor, at, before, after) \
             VALUES ('visit', ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![id, version, kind, actor, at, before, after])?;
    connection
        .prepare_cached(
            "INSERT INTO _outbox (at, object, record, kind, actor, revision, depth, done_at) \
             VALUES (?1, 'visit', ?2, ?3, ?4, 2, 0, ?1)",
        )?
        .execute(params![at, id, kind, actor])?;
    Ok(())
}
