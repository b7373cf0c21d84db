//! A data folder with tenants made through the command line, as every part of the bench needs one.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::error::Error;
use crate::process::{Server, finish};

const PASSWORD: &str = "bench-only-password";

pub struct Site {
    binary: PathBuf,
    folder: TempDir,
}

impl Site {
    /// In a folder of its own below `folder`, gone when dropped.
    pub fn new(binary: PathBuf, folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { binary, folder: tempfile::Builder::new().prefix("bench-").tempdir_in(folder)? })
    }

    /// A path beside the data.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Runs a command of Trellis over the data; its answer.
    pub fn call(&self, arguments: &[&str]) -> Result<Value, Error> {
        let mut command = Command::new(&self.binary);
        command.arg("--json").args(arguments).arg("--data").arg(self.data()).env("TRELLIS_PASSWORD", PASSWORD);
        Ok(serde_json::from_str(&finish(&mut command)?).unwrap_or_default())
    }

    /// A tenant with the documents of a folder and one member.
    pub fn tenant(&self, name: &str, package: &Path, role: &str) -> Result<(), Error> {
        self.call(&["tenant", "create", name])?;
        self.call(&["apply", &package.display().to_string(), "--tenant", name])?;
        self.call(&["user", "create", &email(name), "--tenant", name, "--role", role]).map(drop)
    }

    pub fn serve(&self) -> Result<Server, Error> {
        let mut command = Command::new(&self.binary);
        command.args(["--json", "serve", "--listen", "127.0.0.1:0", "--data"]).arg(self.data());
        Server::start("Trellis", &mut command)
    }
}

pub fn email(tenant: &str) -> String {
    format!("member@{tenant}")
}

/// The access token of a member.
pub fn log_in(server: &Server, tenant: &str, email: &str) -> Result<String, Error> {
    let body = json!({ "tenant": tenant, "email": email, "password": PASSWORD });
    let failed = |error: ureq::Error| Error::Login(error.to_string());
    let mut answer = ureq::post(format!("{}/auth/v1/token", server.url)).send_json(body).map_err(failed)?;
    let tokens: Value = answer.body_mut().read_json().map_err(failed)?;
    Ok(tokens["access_token"].as_str().unwrap_or_default().to_owned())
}

/// Asks once; the answer.
pub fn ask(server: &Server, token: &str, path: &str, body: Option<&Value>) -> Result<Value, Error> {
    let failed = |reason: ureq::Error| Error::Answer {
        server: server.name.to_owned(),
        status: 0,
        request: path.to_owned(),
        body: reason.to_string(),
    };
    let (url, bearer) = (format!("{}{path}", server.url), format!("Bearer {token}"));
    let answer = match body {
        Some(body) => ureq::post(url).header("authorization", bearer).send_json(body),
        None => ureq::get(url).header("authorization", bearer).call(),
    };
    answer.map_err(failed)?.body_mut().with_config().limit(100_000_000).read_json().map_err(failed)
}
