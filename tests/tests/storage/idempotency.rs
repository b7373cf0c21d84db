//! Answers are kept with what they answer, found again by their own user, and forgotten in time.

use chrono::{DateTime, TimeDelta, Utc};
use trellis_storage::{Error, KeptAnswer, Session, claim_key, forget_answers, keep_answer, kept_answer};
use uuid::Uuid;

use crate::place::{insert, numbers, on_each};

const ANN: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const NOW: DateTime<Utc> = DateTime::<Utc>::UNIX_EPOCH;

fn claim(session: &mut dyn Session, user: Uuid) -> Result<bool, Error> {
    claim_key(session, user, "key", "digest", NOW)
}

#[test]
fn a_key_and_its_write_are_kept_together_or_not_at_all() {
    on_each(|place| {
        let tenant = place.numbers();
        let failing = tenant.write::<(), Error>(|session| {
            assert!(claim(session, ANN)?);
            insert(session, 1)?;
            keep_answer(session, ANN, "key", 201, "lost")?;
            Err(Error::Deadline)
        });
        assert!(failing.wait().is_err());
        assert_eq!(tenant.read(|session| kept_answer(session, ANN, "key")).unwrap(), None);
        assert_eq!(tenant.read(numbers).unwrap(), Vec::<i64>::new());

        let done = tenant.write::<_, Error>(|session| {
            assert!(claim(session, ANN)?);
            // Not an answer yet.
            assert_eq!(kept_answer(session, ANN, "key")?, None);
            insert(session, 1)?;
            keep_answer(session, ANN, "key", 201, "{\"body\":\"“中”\"}")
        });
        done.wait().unwrap();
        let answer = KeptAnswer { digest: "digest".into(), status: 201, response: "{\"body\":\"“中”\"}".into() };
        assert_eq!(tenant.read(|session| kept_answer(session, ANN, "key")).unwrap(), Some(answer));
        assert_eq!(tenant.read(numbers).unwrap(), [1]);

        // Taken for her, free for him.
        assert!(!tenant.write(|session| claim(session, ANN)).wait().unwrap());
        assert_eq!(tenant.read(|session| kept_answer(session, BOB, "key")).unwrap(), None);
        assert!(tenant.write(|session| claim(session, BOB)).wait().unwrap());
    });
}

#[test]
fn old_answers_are_forgotten() {
    on_each(|place| {
        let tenant = place.open().create_tenant("acme").unwrap();
        let keep = |session: &mut dyn Session| {
            claim(session, ANN)?;
            keep_answer(session, ANN, "key", 204, "")
        };
        tenant.write(keep).wait().unwrap();
        let forget =
            |before: DateTime<Utc>| tenant.write(move |session| forget_answers(session, before)).wait().unwrap();
        assert_eq!(forget(NOW), 0);
        assert!(tenant.read(|session| kept_answer(session, ANN, "key")).unwrap().is_some());
        assert_eq!(forget(NOW + TimeDelta::seconds(1)), 1);
        assert!(tenant.write(|session| claim(session, ANN)).wait().unwrap());
    });
}
