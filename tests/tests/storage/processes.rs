//! More than one process on the same store, and processes that die.
//!
//! The other process is this test binary, asked to run [`child`] alone.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use trellis_plan::{Arguments, ColumnKind, Statement, Value};
use trellis_storage::{Error, Session, Storage, StorageOptions, TenantHandle, revisions, state};
use trellis_tests::postgres::Postgres;

use crate::place::{Place, insert, numbers, on_each, statement, values};
use crate::publish::{carry_out, layout, publication};

/// Writes numbers and says each one aloud once it is acknowledged. Does nothing unless asked by a parent.
#[test]
fn child() {
    let Ok(data) = std::env::var("TRELLIS_CHILD_DATA") else { return };
    let url = std::env::var("TRELLIS_CHILD_URL").ok();
    let tenant = Storage::open(StorageOptions::new(data).with_database_url(url)).unwrap().tenant("acme").unwrap();
    if std::env::var_os("TRELLIS_CHILD_PUBLISHES").is_some() {
        return publish_forever(&tenant);
    }
    let number = |name: &str| std::env::var(name).unwrap().parse::<i64>().unwrap();
    let (first, last) = (number("TRELLIS_CHILD_FIRST"), number("TRELLIS_CHILD_LAST"));
    write_all(&tenant, first, last, |number| {
        println!("\nacknowledged {number}");
        std::io::stdout().flush().unwrap();
    });
}

/// Several at a time, so that they share commits; whoever has to give way tries again.
fn write_all(tenant: &TenantHandle, first: i64, last: i64, mut acknowledged: impl FnMut(i64)) {
    let group: Vec<i64> = (first..=last).collect();
    for group in group.chunks(5) {
        let sent: Vec<_> = group.iter().map(|number| (*number, tenant.write(move_insert(*number)))).collect();
        for (number, pending) in sent {
            let mut answer = pending.wait();
            while matches!(answer, Err(Error::Busy(_))) {
                answer = tenant.write(move_insert(number)).wait();
            }
            answer.unwrap();
            acknowledged(number);
        }
    }
}

fn move_insert(number: i64) -> impl FnOnce(&mut dyn Session) -> Result<u64, Error> + Send + 'static {
    move |session| insert(session, number)
}

fn start(place: &Place, first: i64, last: i64) -> Child {
    let range = [("TRELLIS_CHILD_FIRST", first.to_string()), ("TRELLIS_CHILD_LAST", last.to_string())];
    start_with(place, &range)
}

fn start_with(place: &Place, task: &[(&str, String)]) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "processes::child", "--nocapture"])
        .env("TRELLIS_CHILD_DATA", place.data())
        .envs(task.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::piped());
    if let Some(url) = &place.url {
        command.env("TRELLIS_CHILD_URL", url);
    }
    command.spawn().unwrap()
}

fn acknowledged(child: &mut Child) -> impl Iterator<Item = i64> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok())
}

#[test]
fn two_processes_write_the_same_tenant() {
    on_each(|place| {
        let tenant = place.numbers();
        let mut other = start(place, 1_001, 1_100);
        write_all(&tenant, 1, 100, |_| ());
        assert_eq!(acknowledged(&mut other).count(), 100);
        assert!(other.wait().unwrap().success());
        assert_eq!(tenant.read(numbers).unwrap().len(), 200);
    });
}

#[test]
fn a_killed_process_loses_nothing_it_acknowledged() {
    on_each(|place| {
        drop(place.numbers());
        let mut kept = Vec::new();
        for cycle in 0..5 {
            let mut child = start(place, cycle * 1_000_000 + 1, (cycle + 1) * 1_000_000);
            let mut answers = acknowledged(&mut child);
            kept.extend(answers.by_ref().take(20 + 7 * cycle as usize));
            child.kill().unwrap();
            child.wait().unwrap();
            // What was said before the kill and not yet heard.
            kept.extend(answers);
        }
        let found = place.open().tenant("acme").unwrap().read(numbers).unwrap();
        let lost: Vec<_> = kept.iter().filter(|number| found.binary_search(number).is_err()).collect();
        assert!(lost.is_empty(), "lost {lost:?}");
        assert!(kept.len() >= 100);
    });
}

/// While the server is away the answer is "not available"; afterwards all goes on, and nothing acknowledged is lost.
#[test]
fn a_restarted_server_is_found_again() {
    let Some(server) = Postgres::own() else { return };
    let place = Place { url: Some(server.url()), ..Place::sqlite() };
    let tenant = place.numbers();
    write_all(&tenant, 1, 20, |_| ());
    server.restart();
    let mut back = tenant.write(move_insert(21)).wait();
    let mut tries = 0;
    while let Err(error) = back {
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        // Each connection the pool holds may be found broken once.
        tries += 1;
        assert!(tries <= 20, "{error:?}");
        back = tenant.write(move_insert(21)).wait();
    }
    assert_eq!(tenant.read(numbers).unwrap().len(), 21);
}

/// Adds and drops columns without end.
fn publish_forever(tenant: &TenantHandle) {
    let shapes: [&[&str]; 3] = [&["a"], &["a", "b", "c"], &["a", "c"]];
    for shape in shapes.iter().cycle() {
        let revision = tenant.read(state).unwrap().revision;
        let next = carry_out(tenant, publication(tenant, revision, layout(shape))).unwrap();
        println!("\nacknowledged {next}");
        std::io::stdout().flush().unwrap();
    }
}

/// Metadata and tables agree, whenever the process died, and no value is lost on its way to quarantine and back.
#[test]
fn a_killed_publish_is_whole_or_nothing() {
    on_each(|place| {
        let tenant = place.open().create_tenant("acme").unwrap();
        carry_out(&tenant, publication(&tenant, 0, layout(&["a", "b", "c"]))).unwrap();
        let row = |session: &mut dyn Session| {
            let kinds = [ColumnKind::Id, ColumnKind::Text, ColumnKind::Text, ColumnKind::Text];
            let insert = "INSERT INTO item (id, a, b, c) VALUES (?, ?, ?, ?)";
            let texts = ["a", "b", "c"].map(Value::text);
            let slots: Vec<Value> = std::iter::once(Value::Id(uuid::Uuid::nil())).chain(texts).collect();
            session.execute(&statement(session.dialect(), insert, &kinds, &[]), &Arguments::slots(&slots))
        };
        tenant.write(row).wait().unwrap();
        for cycle in 0..5 {
            let mut child = start_with(place, &[("TRELLIS_CHILD_PUBLISHES", "1".into())]);
            let mut answers = acknowledged(&mut child);
            let last = answers.by_ref().take(3 + cycle).last().unwrap() as u64;
            child.kill().unwrap();
            child.wait().unwrap();
            let last = answers.last().map_or(last, |number| number as u64);
            // A server may still be busy with the last thing the dead process said.
            tenant.write_exclusive(|_| Ok::<(), Error>(())).wait().unwrap();
            let found = tenant.read(state).unwrap();
            assert!(found.revision >= last, "lost revision {last}");
            assert_eq!(tenant.read(|session| revisions(session, 1)).unwrap()[0].revision, found.revision);
            let kept: Vec<_> = found.layout.tables[0].columns.iter().map(|column| column.name.as_str()).collect();
            for column in ["a", "b", "c"] {
                let (sql, columns) = (format!("SELECT {column} FROM item"), vec![ColumnKind::Text]);
                let select = Statement { sql, binds: Vec::new(), columns };
                let found = tenant.read(|session| values(session, &select, &[])).ok();
                let expected = kept.contains(&column).then(|| vec![vec![Value::text(column)]]);
                assert_eq!(found, expected, "{column}");
            }
        }
    });
}
