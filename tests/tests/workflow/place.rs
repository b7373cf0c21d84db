//! A tenant for a workflow test: its package, its people, and a view of what the worker left behind.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use trellis_storage::{Notification, Run, RunState, Storage, StorageOptions, TenantHandle, notifications, runs};
use trellis_tests::client::Client;
use trellis_tests::postgres::Postgres;
use trellis_tests::server::{Backend, Server, trellis};
use uuid::Uuid;

pub const TENANT: &str = "acme";
const PASSWORD: &str = "a long password";

pub struct Place {
    folder: TempDir,
    pub backend: Backend,
    tenant: TenantHandle,
}

/// Runs `test` on every database there is.
pub fn on_each(test: impl Fn(&Place)) {
    test(&Place::new(|folder| Some(Backend::Sqlite(folder.join("data")))).expect("SQLite is always there"));
    if let Some(place) = Place::new(|_| Postgres::shared().map(|postgres| Backend::Postgres(postgres.url()))) {
        test(&place);
    }
}

impl Place {
    /// An empty tenant.
    fn new(backend: impl FnOnce(&Path) -> Option<Backend>) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let backend = backend(folder.path())?;
        command(&backend, &["tenant", "create", TENANT]);
        let options = match &backend {
            Backend::Sqlite(data) => StorageOptions::new(data),
            Backend::Postgres(url) => StorageOptions::new(folder.path()).with_database_url(Some(url.clone())),
        };
        let tenant = Storage::open(options).unwrap().tenant(TENANT).unwrap();
        Some(Self { folder, backend, tenant })
    }

    /// Publishes the package in a folder of `tests/fixtures`.
    pub fn apply(&self, fixture: &str) {
        self.apply_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture));
    }

    /// Publishes one document more, or anew.
    pub fn apply_document(&self, document: &Value) {
        let dir = self.folder.path().join("documents");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("one.json"), document.to_string()).unwrap();
        self.apply_folder(&dir);
    }

    fn apply_folder(&self, dir: &Path) {
        command(&self.backend, &["apply", dir.to_str().unwrap(), "--tenant", TENANT]);
    }

    pub fn add_user(&self, email: &str, role: &str) -> Uuid {
        let arguments = ["user", "create", email, "--tenant", TENANT, "--role", role, "--password", PASSWORD];
        command(&self.backend, &arguments)["user"].as_str().unwrap().parse().unwrap()
    }

    pub fn log_in(&self, server: &Server, email: &str) -> Client {
        Client::log_in(&server.url, TENANT, email, PASSWORD)
    }

    pub fn runs(&self) -> Vec<Run> {
        self.tenant.read(|session| runs::list(session, 10_000)).unwrap()
    }

    /// Puts the run back to its beginning, as if nothing of it had happened.
    pub fn start_over(&self, run: &Run) {
        let mut run = run.clone();
        run.journal["state"] = json!({ "phase": "running", "at": [0], "steps": 0 });
        run.state = RunState::Running;
        run.next_at = Some(run.updated_at);
        self.tenant.write(move |session| runs::keep(session, &run)).wait().unwrap();
    }

    pub fn notifications(&self, user: Uuid) -> Vec<Notification> {
        self.tenant.read(|session| notifications(session, user, 1_000)).unwrap()
    }

    /// Waits until `count` runs are there and none is running.
    #[track_caller]
    pub fn settled(&self, count: usize) -> Vec<Run> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let runs = self.runs();
            if runs.len() >= count && runs.iter().all(|run| run.state != RunState::Running) {
                assert_eq!(runs.len(), count, "{runs:#?}");
                return runs;
            }
            assert!(Instant::now() < deadline, "{count} runs should have come to an end: {runs:#?}");
            std::thread::yield_now();
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// One path below the record API of the tenant.
pub fn api(path: &str) -> String {
    format!("/t/{TENANT}/api/v1/{path}")
}

pub fn rows(client: &Client, query: &str) -> Vec<Value> {
    client.get(&api(query)).expect(200).json().as_array().unwrap().clone()
}

pub fn create(client: &Client, object: &str, body: Value) -> Value {
    client.create(&api(object), &body).expect(201).json()
}

fn command(backend: &Backend, arguments: &[&str]) -> Value {
    let target = backend.arguments();
    let all: Vec<&str> = ["--json"].iter().chain(arguments).copied().chain(target.iter().map(String::as_str)).collect();
    let (code, out, err) = trellis(&all);
    assert_eq!(code, 0, "{all:?}: {out} {err}");
    serde_json::from_str(&out).unwrap_or(json!(null))
}
