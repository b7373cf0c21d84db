//! The whole bench: a tenant, three servers over equal files, every cell in turn.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::Args;
use rusqlite::Connection;
use serde_json::Value;
use uuid::Uuid;

use crate::data::{self, Owners};
use crate::error::Error;
use crate::load::{Figures, Times, drive};
use crate::process::Server;
use crate::report::{Cell, Report};
use crate::shape::{Requests, Shape, Who};
use crate::site::{Site, ask, log_in};

const SHORT_ROWS: u64 = 100_000;
const LONG_ROWS: u64 = 1_000_000;

#[derive(Args)]
pub struct Options {
    /// A million rows instead of a hundred thousand, and five seconds per cell.
    #[arg(long)]
    long: bool,
    /// Loaded rows.
    #[arg(long)]
    rows: Option<u64>,
    /// Measured seconds per cell.
    #[arg(long)]
    seconds: Option<f64>,
    /// Times every cell is measured; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Shapes; all when left away.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Shape>,
    /// Connections.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    connections: Vec<usize>,
    /// The binary under test; by default the one beside this.
    #[arg(long, env = "TRELLIS_BIN")]
    trellis: Option<PathBuf>,
    /// Where the databases go: a folder on the disk to be measured.
    #[arg(long, env = "TRELLIS_BENCH_FOLDER", default_value = "target")]
    folder: PathBuf,
}

impl Options {
    fn rows(&self) -> u64 {
        self.rows.unwrap_or(if self.long { LONG_ROWS } else { SHORT_ROWS })
    }

    fn times(&self) -> Times {
        let measured = self.seconds.unwrap_or(if self.long { 5.0 } else { 1.5 });
        Times { warm_up: Duration::from_millis(500), measured: Duration::from_secs_f64(measured) }
    }

    fn shapes(&self) -> &[Shape] {
        if self.only.is_empty() { &Shape::ALL } else { &self.only }
    }

    fn trellis(&self) -> Result<PathBuf, Error> {
        if let Some(path) = &self.trellis {
            return Ok(path.clone());
        }
        Ok(std::env::current_exe()?.with_file_name("trellis"))
    }
}

pub fn run(options: &Options) -> Result<(), Error> {
    let field = prepare(options)?;
    field.check_equal(options.rows())?;
    let mut report = Report::new(options.rows(), options.rounds, options.times().measured);
    let mut run = 0;
    for shape in options.shapes() {
        for connections in &options.connections {
            let mut rounds = Vec::new();
            for _ in 0..options.rounds.max(1) {
                run += 1;
                let requests = Requests { shape: *shape, rows: options.rows(), run };
                rounds.push(field.round(requests, *connections, options.times())?);
            }
            report.add(Cell::new(*shape, *connections, rounds));
        }
    }
    report.finish();
    Ok(())
}

/// The servers and the callers' tokens.
struct Field {
    trellis: Server,
    plain: Server,
    journalled: Server,
    office: String,
    rep: String,
    /// Dropped after the servers that run over it.
    _site: Site,
}

/// One measurement on all servers; reads do not differ between the two hand-written ones.
pub struct Round {
    pub trellis: Figures,
    pub plain: Figures,
    pub journalled: Option<Figures>,
}

impl Field {
    fn round(&self, requests: Requests, connections: usize, times: Times) -> Result<Round, Error> {
        let token = match requests.shape.who() {
            Who::Office => &self.office,
            Who::Rep => &self.rep,
        };
        let measure = |server: &Server| drive(server, requests, token, connections, times);
        Ok(Round {
            plain: measure(&self.plain)?,
            trellis: measure(&self.trellis)?,
            journalled: if requests.shape.writes() { Some(measure(&self.journalled)?) } else { None },
        })
    }

    /// Both answer the same before anything is measured.
    fn check_equal(&self, rows: u64) -> Result<(), Error> {
        for shape in [Shape::Read, Shape::List, Shape::ListOwn] {
            let token = if shape.who() == Who::Rep { &self.rep } else { &self.office };
            for number in 0..20 {
                let path = Requests { shape, rows, run: 0 }.path(number);
                let (trellis, floor) = (ask(&self.trellis, token, &path, None)?, ask(&self.plain, token, &path, None)?);
                if trellis != floor {
                    return Err(Error::Different { path, trellis: trellis.to_string(), floor: floor.to_string() });
                }
            }
        }
        Ok(())
    }
}

fn prepare(options: &Options) -> Result<Field, Error> {
    let site = Site::new(options.trellis()?, &options.folder)?;
    site.tenant("bench", &Path::new(env!("CARGO_MANIFEST_DIR")).join("package"), "office")?;
    let member = |name: &str, role: &str| {
        Ok::<_, Error>(user_id(&site.call(&["user", "create", name, "--tenant", "bench", "--role", role])?))
    };
    let (office, rep) = (member("office@bench", "office")?, member("rep@bench", "field_rep")?);
    let file = tenant_file(&site.data())?;
    eprintln!("loading {} rows", options.rows());
    data::load(&file, options.rows(), Owners { office, rep })?;
    let (plain, journalled) = (site.path("plain.sqlite"), site.path("journalled.sqlite"));
    for copy in [&plain, &journalled] {
        std::fs::copy(&file, copy)?;
        Connection::open(copy)?.pragma_update(None, "journal_mode", "WAL")?;
    }
    let trellis = site.serve()?;
    let tokens = (log_in(&trellis, "bench", "office@bench")?, log_in(&trellis, "bench", "rep@bench")?);
    let floor = |name, file: &Path, journal: bool| {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("floor").arg("--file").arg(file);
        command.args(["--office", &tokens.0, &office.to_string(), "--rep", &tokens.1, &rep.to_string()]);
        if journal {
            command.arg("--journal");
        }
        Server::start(name, &mut command)
    };
    Ok(Field {
        plain: floor("the plain hand-written service", &plain, false)?,
        journalled: floor("the journalled hand-written service", &journalled, true)?,
        trellis,
        office: tokens.0,
        rep: tokens.1,
        _site: site,
    })
}

fn user_id(answer: &Value) -> Uuid {
    answer["user"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default()
}

fn tenant_file(data: &Path) -> Result<PathBuf, Error> {
    let tenants = data.join("tenants");
    for entry in std::fs::read_dir(&tenants)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sqlite") {
            return Ok(path);
        }
    }
    Err(Error::File { path: tenants, source: std::io::ErrorKind::NotFound.into() })
}
