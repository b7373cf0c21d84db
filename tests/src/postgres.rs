//! A private PostgreSQL for tests: its own cluster in a temporary folder on a free port, gone when the process ends.
//!
//! A keeper process stops the server and removes the folder as soon as its input closes, which also happens when the
//! test is killed.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A running server.
pub struct Postgres {
    bin: PathBuf,
    folder: PathBuf,
    user: Option<(u32, u32)>,
    port: u16,
    databases: AtomicU32,
    keeper: Child,
}

/// Waits for the end of its input, then stops the server and removes its folder.
const KEEPER: &str = r#"cat >/dev/null; "$1" stop -m immediate -D "$2/data"; rm -rf "$2""#;

impl Postgres {
    /// The server all tests of this process share; none where PostgreSQL is not installed.
    pub fn shared() -> Option<&'static Postgres> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        let start = || {
            let own = Postgres::own();
            if own.is_none() {
                eprintln!("PostgreSQL is not installed (set POSTGRES_BIN to its bin folder): its half is left out");
            }
            own
        };
        SHARED.get_or_init(start).as_ref()
    }

    /// A server for one test alone, which may do to it what it likes; none where PostgreSQL is not installed.
    pub fn own() -> Option<Self> {
        let bin = binaries()?;
        Some(Postgres::start(bin).unwrap_or_else(|error| panic!("PostgreSQL does not start: {error}")))
    }

    /// A folder of its own that goes with it.
    pub fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    fn start(bin: PathBuf) -> io::Result<Self> {
        let user = unprivileged()?;
        let folder = tempfile::Builder::new().prefix("trellis-postgres-").tempdir()?.keep();
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let data = folder.join("data");
        let keeper = as_user(Path::new("sh"), user)
            .args(["-c", KEEPER, "keeper"])
            .arg(bin.join("pg_ctl"))
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let server = Self { bin, folder: folder.clone(), user, port, databases: AtomicU32::new(0), keeper };
        let initdb = ["--username=trellis", "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8", "--pgdata"];
        server.run("initdb", initdb.iter().map(OsStr::new).chain([data.as_os_str()]))?;
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='{}' -c fsync=off -c max_connections=200",
            folder.display()
        );
        let log = folder.join("log");
        let start = [OsStr::new("start"), OsStr::new("-w"), OsStr::new("-D"), data.as_os_str()];
        let how = [OsStr::new("-l"), log.as_os_str(), OsStr::new("-o"), OsStr::new(&options)];
        server.run("pg_ctl", start.into_iter().chain(how))?;
        Ok(server)
    }

    /// Stops it as a crash would and starts it again; every connection is lost.
    pub fn restart(&self) {
        let data = self.folder.join("data");
        let log = self.folder.join("log");
        let how = ["restart", "-w", "-m", "immediate", "-l"].map(OsStr::new);
        let ran = self.run("pg_ctl", how.into_iter().chain([log.as_os_str(), OsStr::new("-D"), data.as_os_str()]));
        ran.unwrap_or_else(|error| panic!("{error}"));
    }

    /// The URL of a new, empty database.
    pub fn url(&self) -> String {
        let name = format!("d{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("CREATE DATABASE {name}"));
        format!("postgres://trellis@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs one statement beside the code under test; `database` is a name or a URL. Answers with the bare rows.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        let database = database.rsplit('/').next().unwrap_or(database);
        let port = self.port.to_string();
        let arguments = ["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "trellis", "-p", &port];
        let rest = ["-d", database, "-c", sql];
        let ran = self.run("psql", arguments.iter().chain(&rest).map(OsStr::new));
        ran.unwrap_or_else(|error| panic!("{sql}: {error}")).trim().to_owned()
    }

    fn run<'a>(&self, program: &str, arguments: impl Iterator<Item = &'a OsStr>) -> io::Result<String> {
        let output = as_user(&self.bin.join(program), self.user)
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(if program == "pg_ctl" { Stdio::null() } else { Stdio::piped() })
            .stderr(if program == "pg_ctl" { Stdio::null() } else { Stdio::piped() })
            .output()?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(io::Error::other(format!("{program}: {} {told}", output.status)))
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // Nothing is left to do if the keeper is gone.
        let _ = self.keeper.wait();
    }
}

/// PostgreSQL's programs: where `POSTGRES_BIN` says, else the newest of the usual places.
fn binaries() -> Option<PathBuf> {
    let told = std::env::var_os("POSTGRES_BIN").map(PathBuf::from);
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = versions.into_iter().rev().chain(std::env::split_paths(&path));
    told.into_iter().chain(usual).find(|bin| bin.join("initdb").exists() && bin.join("pg_ctl").exists())
}

/// PostgreSQL refuses to run as root; then somebody else has to. None means the caller will do.
fn unprivileged() -> io::Result<Option<(u32, u32)>> {
    use std::os::unix::fs::MetadataExt;
    let root = fs::metadata("/proc/self")?.uid() == 0;
    if !root {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut ids = line.split(':').skip(2).map(str::parse);
        Some((ids.next()?.ok()?, ids.next()?.ok()?))
    };
    Ok(find("postgres").or_else(|| find("nobody")))
}

fn as_user(program: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}
