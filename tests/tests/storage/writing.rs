//! Transactions: what is kept, what is given back, and when the waiter hears of it.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Barrier, mpsc};
use std::task::{Context, Poll, Waker};

use trellis_plan::Arguments;
use trellis_storage::{Error, Session, TenantHandle};
use trellis_tests::postgres::Postgres;

use crate::place::{Place, insert, numbers, on_each, statement};

/// Holds the writer until the returned barrier is met, so that what follows joins one batch.
fn hold(tenant: &TenantHandle) -> Arc<Barrier> {
    let gate = Arc::new(Barrier::new(2));
    let held = Arc::clone(&gate);
    drop(tenant.write(move |_| -> Result<(), Error> {
        held.wait();
        Ok(())
    }));
    gate
}

#[test]
fn an_error_or_a_panic_takes_back_its_own_writes_only() {
    on_each(|place| {
        let tenant = place.numbers();
        let gate = hold(&tenant);
        let first = tenant.write(|session| insert(session, 1));
        if tenant.is_blocking() {
            gate.wait();
            assert_eq!(first.wait().unwrap(), 1);
            rest(&tenant, None);
        } else {
            rest(&tenant, Some(&gate));
            assert_eq!(first.wait().unwrap(), 1);
        }
        assert_eq!(tenant.read(numbers).unwrap(), [1, 2]);
    });
}

fn rest(tenant: &TenantHandle, gate: Option<&Barrier>) {
    let second = tenant.write(|session| insert(session, 2));
    let twice = tenant.write(|session| {
        insert(session, 3)?;
        insert(session, 1)
    });
    let panics = tenant.write(|session| -> Result<(), Error> {
        insert(session, 4)?;
        panic!("on purpose")
    });
    if let Some(gate) = gate {
        gate.wait();
    }
    assert_eq!(second.wait().unwrap(), 1);
    let refused = twice.wait();
    assert!(matches!(&refused, Err(Error::Unique { index }) if index == "ux_1"), "{refused:?}");
    assert!(matches!(panics.wait(), Err(Error::Panicked)));
}

#[test]
fn savepoints_nest() {
    on_each(|place| {
        let tenant = place.numbers();
        let work = |session: &mut dyn Session| {
            insert(session, 1)?;
            session.savepoint()?;
            insert(session, 2)?;
            session.savepoint()?;
            assert!(matches!(insert(session, 1), Err(Error::Unique { .. })));
            session.rollback_to_savepoint()?;
            session.release_savepoint()?;
            session.savepoint()?;
            insert(session, 3)?;
            session.rollback_to_savepoint()?;
            assert!(session.release_savepoint().is_err());
            insert(session, 4)
        };
        tenant.write(work).wait().unwrap();
        assert_eq!(tenant.read(numbers).unwrap(), [1, 2, 4]);
    });
}

/// PostgreSQL would answer the commit with a silent rollback.
#[test]
fn a_job_that_ignores_a_refusal_is_not_acknowledged_where_it_was_lost() {
    on_each(|place| {
        let tenant = place.numbers();
        let ignoring = |session: &mut dyn Session| {
            insert(session, 1)?;
            let _ = insert(session, 1);
            Ok::<(), Error>(())
        };
        let kept = tenant.write(ignoring).wait().is_ok();
        assert_eq!(kept, !tenant.is_blocking());
        assert_eq!(tenant.read(numbers).unwrap().len(), usize::from(kept));
    });
}

#[test]
fn nobody_is_answered_before_the_commit() {
    let place = Place::sqlite();
    let tenant = place.numbers();
    let gate = hold(&tenant);
    let (running, is_running) = mpsc::channel();
    let last_gate = Arc::new(Barrier::new(2));
    let last_held = Arc::clone(&last_gate);
    let mut first = pin!(tenant.write(|session| insert(session, 1)));
    let last = tenant.write(move |session| {
        running.send(()).unwrap();
        last_held.wait();
        insert(session, 2)
    });
    gate.wait();
    is_running.recv().unwrap();
    // The first has run in this batch, which is not committed.
    let mut context = Context::from_waker(Waker::noop());
    let early = first.as_mut().poll(&mut context);
    // The holder may have used up the batch's time, then the first was committed alone.
    let seen = tenant.read(numbers).unwrap();
    assert_eq!(early.is_ready(), !seen.is_empty());
    last_gate.wait();
    assert_eq!(last.wait().unwrap(), 1);
    if early.is_pending() {
        assert!(matches!(first.as_mut().poll(&mut context), Poll::Ready(Ok(1))));
    }
    assert_eq!(tenant.read(numbers).unwrap(), [1, 2]);
}

#[test]
fn an_exclusive_write_comes_between_batches() {
    on_each(|place| {
        let tenant = place.numbers();
        let before: Vec<_> = (1..=50).map(|number| tenant.write(move |session| insert(session, number))).collect();
        for pending in before {
            pending.wait().unwrap();
        }
        let altered = tenant.write_exclusive(|session| {
            session.define("ALTER TABLE n ADD COLUMN w INTEGER")?;
            session.define("CREATE INDEX ix_w ON n (w)")
        });
        altered.wait().unwrap();
        tenant.write(|session| insert(session, 51)).wait().unwrap();
        assert_eq!(tenant.read(numbers).unwrap().len(), 51);
        let refused = tenant.write_exclusive(|session| {
            session.define("DROP TABLE n")?;
            session.define("ALTER TABLE absent ADD COLUMN w INTEGER")
        });
        let refused = refused.wait();
        assert!(matches!(refused, Err(Error::Undefined(_))), "{refused:?}");
        assert_eq!(tenant.read(numbers).unwrap().len(), 51);
    });
}

/// A waiter that goes away changes nothing: the write is carried out, and no transaction is left behind.
#[test]
fn a_dropped_waiter_leaves_no_open_transaction() {
    on_each(|place| {
        let tenant = place.numbers();
        let (ran, has_run) = mpsc::channel();
        for number in 1..=200 {
            let ran = ran.clone();
            drop(tenant.write(move |session| {
                let inserted = insert(session, number);
                ran.send(()).unwrap();
                inserted
            }));
        }
        drop(ran);
        assert_eq!(has_run.iter().count(), 200);
        // Waits for every write that has begun.
        tenant.write_exclusive(|_| Ok::<(), Error>(())).wait().unwrap();
        // A refused transaction gives up its locks a moment before it is rolled back.
        assert!((0..100).any(|_| open_transactions(place) == "0"));
        let kept = tenant.read(numbers).unwrap().len();
        // Those that had to give way to another were told so; nobody listened.
        assert!(kept == 200 || (tenant.is_blocking() && kept > 0), "{kept}");
    });
}

#[test]
fn answers_can_be_awaited_and_aborted() {
    on_each(|place| {
        let tenant = place.numbers();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let one = runtime.block_on(tenant.write(|session| insert(session, 1)));
        assert_eq!(one.unwrap(), 1);
        let tasks: Vec<_> =
            (2..=100).map(|number| runtime.spawn(tenant.write(move |session| insert(session, number)))).collect();
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
        drop(runtime);
        tenant.write_exclusive(|_| Ok::<(), Error>(())).wait().unwrap();
        assert!(!tenant.read(numbers).unwrap().is_empty());
    });
}

/// Everyone counts up the same row: whoever meets another starts over.
#[test]
fn a_repeating_write_gives_way_until_it_is_done() {
    on_each(|place| {
        let tenant = place.numbers();
        tenant.write(|session| insert(session, 0)).wait().unwrap();
        let count = |session: &mut dyn Session| {
            let up = statement(session.dialect(), "UPDATE n SET v = v - 1 WHERE v <= 0", &[], &[]);
            session.execute(&up, &Arguments::slots(&[]))
        };
        let mut sent: Vec<_> = (0..20).map(|_| tenant.write_repeating(count)).collect();
        // Ten tries may not be enough when twenty meet; the waiter may go on trying.
        while let Some(pending) = sent.pop() {
            match pending.wait() {
                Ok(touched) => assert_eq!(touched, 1),
                Err(Error::Busy(_)) => sent.push(tenant.write_repeating(count)),
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(tenant.read(numbers).unwrap(), [-20]);
    });
}

fn open_transactions(place: &Place) -> String {
    let Some(url) = &place.url else { return "0".into() };
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'";
    Postgres::shared().unwrap().psql(url, sql)
}
