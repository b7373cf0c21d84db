//! A served place to test against: a database, the binary over it, tenants with documents and members.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::client::Client;
use crate::postgres::Postgres;
use crate::server::{Backend, Server, trellis};

/// Password of every member made here.
pub const PASSWORD: &str = "correct-horse-9";

/// A folder of this crate.
pub fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// An empty database of either kind, gone when dropped.
pub struct Place {
    pub backend: Backend,
    _dir: Option<TempDir>,
}

impl Place {
    pub fn sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        Self { backend: Backend::Sqlite(dir.path().to_owned()), _dir: Some(dir) }
    }

    /// None where PostgreSQL is not installed.
    pub fn postgres() -> Option<Self> {
        Postgres::shared().map(|server| Self { backend: Backend::Postgres(server.url()), _dir: None })
    }

    /// Both kinds, as far as they are there.
    pub fn each() -> impl Iterator<Item = Self> {
        std::iter::once(Self::sqlite()).chain(Self::postgres())
    }

    /// Runs `trellis … ` against this database: exit code and standard output.
    pub fn run(&self, arguments: &[&str]) -> (i32, String) {
        let own = self.backend.arguments();
        let all: Vec<&str> = arguments.iter().copied().chain(own.iter().map(String::as_str)).collect();
        let (code, out, err) = trellis(&all);
        if !err.is_empty() {
            eprintln!("{all:?}: {err}");
        }
        (code, out)
    }

    #[track_caller]
    fn done(&self, arguments: &[&str]) {
        let (code, out) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {out}");
    }

    /// A tenant with the documents of a folder under `fixtures/`.
    pub fn tenant(&self, name: &str, package: &str) {
        self.done(&["tenant", "create", name]);
        self.apply(name, package);
    }

    pub fn apply(&self, tenant: &str, package: &str) {
        let folder = folder("fixtures").join(package);
        self.done(&["apply", &folder.display().to_string(), "--tenant", tenant]);
    }

    /// A member who logs in as `<name>@<tenant>.test`.
    pub fn user(&self, tenant: &str, name: &str, roles: &[&str]) {
        let email = format!("{name}@{tenant}.test");
        let mut arguments = vec!["user", "create", &email, "--tenant", tenant, "--password", PASSWORD];
        for role in roles {
            arguments.extend(["--role", role]);
        }
        self.done(&arguments);
    }
}

impl Server {
    /// Logs in a member made by [`Place::user`].
    pub fn log_in(&self, tenant: &str, name: &str) -> Client {
        Client::log_in(&self.url, tenant, &format!("{name}@{tenant}.test"), PASSWORD)
    }
}
