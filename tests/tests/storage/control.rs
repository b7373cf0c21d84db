//! The control plane: tenants, accounts, memberships, sessions, settings.

use chrono::{DateTime, Utc};
use trellis_storage::{Error, Membership, Session, SessionKind, SessionRecord, catalogue};
use uuid::Uuid;

use crate::place::on_each;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn tenants_are_made_once_and_found_again() {
    on_each(|place| {
        let storage = place.open();
        assert!(matches!(storage.tenant("acme"), Err(Error::UnknownTenant)));
        assert!(matches!(storage.tenant_by_id(Uuid::nil()), Err(Error::UnknownTenant)));
        let acme = storage.create_tenant("acme").unwrap();
        storage.create_tenant("umbrella-2").unwrap();
        assert!(matches!(storage.create_tenant("acme"), Err(Error::TenantExists)));
        for wrong in ["", "Acme", "a b", "-a", "../x", &"a".repeat(64)] {
            assert!(matches!(storage.create_tenant(wrong), Err(Error::TenantName(name)) if name == wrong));
        }
        assert!(matches!(storage.tenant("ac\0me"), Err(Error::UnknownTenant)));
        let again = place.open();
        let names: Vec<_> = again.tenants().unwrap().into_iter().map(|tenant| tenant.name).collect();
        assert_eq!(names, ["acme", "umbrella-2"]);
        assert_eq!(again.tenant("acme").unwrap().entry(), acme.entry());
        assert_eq!(again.tenant_by_id(acme.id()).unwrap().name(), "acme");
    });
}

#[test]
fn one_tenant_is_not_the_other() {
    on_each(|place| {
        let storage = place.open();
        let (one, other) = (storage.create_tenant("one").unwrap(), storage.create_tenant("other").unwrap());
        one.write_exclusive(|session| session.define("CREATE TABLE mine (v INTEGER)")).wait().unwrap();
        assert!(other.write_exclusive(|session| session.define("DROP TABLE mine")).wait().is_err());
    });
}

#[test]
fn accounts_and_memberships() {
    on_each(|place| {
        let storage = place.open();
        let control = storage.control();
        assert_eq!(control.find_account("a@b.c").unwrap(), None);
        assert_eq!(control.find_account("a\0@b.c").unwrap(), None);
        let account = control.create_account("A@b.C", "hash").wait().unwrap();
        assert_eq!(control.find_account("a@B.c").unwrap(), Some(account.clone()));
        assert!(
            matches!(control.create_account("a@b.c", "x").wait(), Err(Error::Unique { index }) if index == "ux_accounts_email")
        );
        control.set_password_hash(account.id, "new").wait().unwrap();
        control.disable_account(account.id, Some(instant("2026-01-01T00:00:00Z"))).wait().unwrap();
        let changed = control.account(account.id).unwrap().unwrap();
        assert_eq!((changed.password_hash.as_str(), changed.disabled_at.is_some()), ("new", true));
        let member = Membership { account: account.id, tenant: Uuid::now_v7(), user_id: Uuid::now_v7() };
        control.add_membership(member).wait().unwrap();
        let twice = control.add_membership(Membership { user_id: Uuid::now_v7(), ..member }).wait();
        assert!(matches!(&twice, Err(Error::Unique { index }) if index == "memberships_pkey"), "{twice:?}");
        let shared = control.add_membership(Membership { account: Uuid::now_v7(), ..member }).wait();
        assert!(matches!(&shared, Err(Error::Unique { index }) if index == "ux_memberships_user"), "{shared:?}");
        assert_eq!(control.memberships(account.id).unwrap(), [member]);
    });
}

#[test]
fn sessions_are_revoked_once() {
    on_each(|place| {
        let storage = place.open();
        let control = storage.control();
        let (account, family) = (Uuid::now_v7(), Uuid::now_v7());
        let at = instant("2026-01-01T00:00:00.000001Z");
        let record = |byte: u8, kind| SessionRecord {
            token_hash: [byte; 32],
            kind,
            account,
            tenant: Uuid::nil(),
            user_id: Uuid::max(),
            csrf: (kind == SessionKind::Session).then(|| "token".to_owned()),
            created_at: at,
            expires_at: Some(at),
            last_seen_at: None,
            revoked_at: None,
            family: if byte < 3 { family } else { Uuid::now_v7() },
        };
        let kinds = [SessionKind::Session, SessionKind::Access, SessionKind::Refresh, SessionKind::Api];
        for (byte, kind) in (0..).zip(kinds) {
            control.insert_session(record(byte, kind)).wait().unwrap();
            assert_eq!(control.find_session(&[byte; 32]).unwrap().unwrap().kind, kind);
        }
        assert_eq!(control.find_session(&[0; 32]).unwrap(), Some(record(0, SessionKind::Session)));
        assert_eq!(control.find_session(&[9; 32]).unwrap(), None);
        assert_eq!(control.revoke_family(family, at).wait().unwrap(), 3);
        assert_eq!(control.revoke_all_of(account, at).wait().unwrap(), 1);
        control.touch_session(&[3; 32], at).wait().unwrap();
        let last = control.find_session(&[3; 32]).unwrap().unwrap();
        assert_eq!((last.revoked_at, last.last_seen_at), (Some(at), Some(at)));
        assert_eq!(control.forget_sessions(instant("2026-01-02T00:00:00Z")).wait().unwrap(), 4);
    });
}

#[test]
fn a_token_is_traded_once_and_twice_ends_its_family() {
    on_each(|place| {
        let storage = place.open();
        let control = storage.control();
        let family = Uuid::now_v7();
        let at = instant("2026-01-01T00:00:00.000001Z");
        let record = |byte: u8| SessionRecord {
            token_hash: [byte; 32],
            kind: SessionKind::Refresh,
            account: Uuid::now_v7(),
            tenant: Uuid::nil(),
            user_id: Uuid::max(),
            csrf: None,
            created_at: at,
            expires_at: Some(at),
            last_seen_at: None,
            revoked_at: None,
            family,
        };
        let open = |byte: u8| control.find_session(&[byte; 32]).unwrap().map(|record| record.revoked_at.is_none());
        control.insert_session(record(0)).wait().unwrap();
        let traded: Vec<_> =
            (1..=8).map(|byte| control.rotate_session(&[0; 32], family, vec![record(byte)], at)).collect();
        let traded: Vec<bool> = traded.into_iter().map(|pending| pending.wait().unwrap()).collect();
        assert_eq!(traded.iter().filter(|traded| **traded).count(), 1, "{traded:?}");
        for byte in 0..=8 {
            assert_ne!(open(byte), Some(true), "{byte}");
        }
    });
}

#[test]
fn settings_stay() {
    on_each(|place| {
        let secret = place.open().control().secret().unwrap();
        let storage = place.open();
        let control = storage.control();
        assert_eq!(control.secret().unwrap(), secret);
        assert_ne!(secret, [0; 32]);
        assert_eq!(control.setting("theme").unwrap(), None);
        control.put_setting("theme", "a").wait().unwrap();
        control.put_setting("theme", "b").wait().unwrap();
        assert_eq!(control.setting("theme").unwrap().as_deref(), Some("b"));
        let token = control.setting("setup_token").unwrap().unwrap();
        assert!(!control.take_setting("setup_token", "guess").wait().unwrap());
        assert!(control.take_setting("setup_token", &token).wait().unwrap());
        assert!(!control.take_setting("setup_token", &token).wait().unwrap());
        drop(storage);
        assert_eq!(place.open().control().setting("setup_token").unwrap(), None);
    });
}

#[test]
fn a_file_that_is_gone_is_told() {
    let place = crate::place::Place::sqlite();
    let tenant = place.open().create_tenant("acme").unwrap();
    std::fs::remove_dir_all(place.folder.path().join("tenants")).unwrap();
    drop(tenant);
    let again = place.open();
    for _ in 0..2 {
        assert!(matches!(again.tenant("acme"), Err(Error::Unavailable(_))));
    }
}

#[test]
fn tenants_of_earlier_versions_are_completed_when_opened() {
    on_each(|place| {
        let acme = place.open().create_tenant("acme").unwrap();
        let whole = acme.read(catalogue).unwrap();
        let older = [
            "DROP TABLE _idempotency",
            "DROP INDEX _notifications_user",
            "DROP INDEX _runs_due",
            "ALTER TABLE _runs DROP COLUMN next_at",
            "INSERT INTO _role_assignments VALUES (NULL, 'kept')",
        ];
        // The last cannot be: so that what follows shows the rest was taken back with it.
        let all = move |session: &mut dyn Session| older.iter().try_for_each(|ddl| session.define(ddl));
        assert!(acme.write_exclusive(all).wait().is_err());
        assert_eq!(acme.read(catalogue).unwrap(), whole);
        let four = move |session: &mut dyn Session| older[..4].iter().try_for_each(|ddl| session.define(ddl));
        acme.write_exclusive(four).wait().unwrap();
        assert_ne!(acme.read(catalogue).unwrap(), whole);
        assert_eq!(place.open().tenant("acme").unwrap().read(catalogue).unwrap(), whole);
    });
}
