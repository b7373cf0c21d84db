//! The tenant that is written to: its sites, its one keeper, and the comparison of all that is in it with what the
//! clients were told.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use trellis_storage::{Storage, StorageOptions, TenantHandle};
use trellis_tests::client::Client;
use trellis_tests::postgres::Postgres;
use trellis_tests::server::{Backend, Server};
use trellis_tests::site::Place;
use uuid::Uuid;

use crate::journal;
use crate::ledger::Ledger;
use crate::machine::{SELECT, Site, money};

const TENANT: &str = "acme";
/// Rows of a page.
const PAGE: usize = 1_000;
/// Few, so that writers of different machines meet on what is computed of a site.
const SITES: usize = 3;
/// For everything that is waited for and does not come.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub struct Workshop {
    place: Place,
    handle: TenantHandle,
    pub sites: Vec<Site>,
    _folder: TempDir,
}

/// One path below the record API of the tenant.
pub fn api(path: &str) -> String {
    format!("/t/{TENANT}/api/v1/{path}")
}

impl Workshop {
    pub fn new(place: Place) -> Self {
        place.tenant(TENANT, "workshop");
        place.user(TENANT, "keeper", &["keeper"]);
        let folder = tempfile::tempdir().unwrap();
        let options = match &place.backend {
            Backend::Sqlite(data) => StorageOptions::new(data),
            Backend::Postgres(url) => StorageOptions::new(folder.path()).with_database_url(Some(url.clone())),
        };
        let handle = Storage::open(options).unwrap().tenant(TENANT).unwrap();
        let sites = (0..SITES).map(|number| Site { number, id: Uuid::now_v7() }).collect();
        Self { place, handle, sites, _folder: folder }
    }

    /// Starts the server; it must be ready.
    pub fn serve(&self) -> Server {
        let server = Server::serve(&self.place.backend);
        Client::new(&server.url).get("/readyz").expect(200);
        server
    }

    /// Logs the keeper in and makes the sites.
    pub fn open(&self, server: &Server) -> Client {
        let keeper = server.log_in(TENANT, "keeper");
        for site in &self.sites {
            keeper.post(&api("site"), &json!({ "id": site.id, "code": site.code(), "name": site.code() })).expect(201);
        }
        keeper
    }

    /// Waits until no transaction is under way that writes to the tenant: a database may still be busy with the last
    /// thing a dead server said.
    pub fn settled(&self) {
        self.handle.write_exclusive(|_| Ok::<(), trellis_storage::Error>(())).wait().unwrap();
    }

    /// Everything there is must be what was acknowledged, whole, with its history, its events and its sums.
    #[track_caller]
    pub fn check(&self, keeper: &Client, ledgers: &mut [Ledger]) {
        let mut wrong = Vec::new();
        for ledger in &mut *ledgers {
            wrong.extend(ledger.settle(&machines(keeper, ledger.client)));
        }
        let found = keeper.get(&api("site?select=code,machine_count,worth&order=code")).expect(200).json();
        let recount: Value = self.sites.iter().map(|site| recount(*site, ledgers)).collect();
        if found != recount {
            wrong.push(format!("sites: {found}\nrecount: {recount}"));
        }
        wrong.extend(journal::gaps(&self.handle));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Waits until no connection of the server is inside a transaction. Nothing to wait for on SQLite, where a
    /// transaction belongs to a thread of the server and not to a connection.
    #[track_caller]
    pub fn no_transaction_open(&self) {
        let Backend::Postgres(url) = &self.place.backend else { return };
        let open = "SELECT pid, state, now() - xact_start, left(query, 100) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL";
        let postgres = Postgres::shared().unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = postgres.psql(url, open);
            if found.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "transactions left open:\n{found}");
        }
    }
}

fn recount(site: Site, ledgers: &[Ledger]) -> Value {
    let (mut count, mut cents) = (0, 0);
    for (machines, worth) in ledgers.iter().map(|ledger| ledger.at(site)) {
        count += machines;
        cents += worth;
    }
    json!({ "code": site.code(), "machine_count": count, "worth": money(cents) })
}

/// All machines of one client, by tag.
fn machines(keeper: &Client, client: usize) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    loop {
        let page = format!("machine?{SELECT}&tag=like.C{client}-*&order=id&limit={PAGE}&offset={}", found.len());
        let page = keeper.get(&api(&page)).expect(200).json();
        let page = page.as_array().unwrap();
        let key = |machine: &Value| machine["tag"].as_str().unwrap().to_owned();
        found.extend(page.iter().map(|machine| (key(machine), machine.clone())));
        if page.len() < PAGE {
            return found;
        }
    }
}
