//! A real `trellis` process on a private port over a private data folder, stopped when dropped.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::postgres::Postgres;

/// The binary under test, built beside the test binaries.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("TRELLIS_BIN") {
        return path.into();
    }
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test.parent().and_then(Path::parent).expect("tests are two folders deep");
    folder.join("trellis")
}

/// Runs a command to its end: exit code, standard output, standard error.
pub fn trellis(arguments: &[&str]) -> (i32, String, String) {
    let done = Command::new(binary()).args(arguments).output().expect("the binary was built with the workspace");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.code().unwrap_or(-1), text(&done.stdout), text(&done.stderr))
}

/// Which database a server stands on.
#[derive(Clone, Debug)]
pub enum Backend {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Backend {
    /// Arguments that name it on the command line.
    pub fn arguments(&self) -> Vec<String> {
        match self {
            Backend::Sqlite(dir) => vec!["--data".into(), dir.display().to_string()],
            // Files are in a folder with either database.
            Backend::Postgres(url) => {
                let data = Postgres::shared().map_or_else(std::env::temp_dir, Postgres::files);
                vec!["--database-url".into(), url.clone(), "--data".into(), data.display().to_string()]
            }
        }
    }
}

pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    /// `trellis serve` over the backend.
    pub fn serve(backend: &Backend) -> Self {
        Self::start("serve", backend, &[])
    }

    /// As [`serve`](Self::serve), with more arguments.
    pub fn serve_with(backend: &Backend, more: &[&str]) -> Self {
        Self::start("serve", backend, more)
    }

    /// `trellis demo`: the first start also loads the sample data.
    pub fn demo(backend: &Backend) -> Self {
        Self::start("demo", backend, &["--size", "small"])
    }

    fn start(command: &str, backend: &Backend, more: &[&str]) -> Self {
        let mut child = Command::new(binary())
            .args(["--json", command, "--listen", "127.0.0.1:0"])
            .args(backend.arguments())
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary was built with the workspace");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("standard output is a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("the server says where it listens");
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("the server did not start: {line}"));
        Self { child, url: ready["url"].as_str().expect("the answer names the address").to_owned() }
    }

    /// Stops it as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("a killed process ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
