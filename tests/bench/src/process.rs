//! A server as a process of its own: started, measured from outside, stopped when dropped.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;

use crate::error::Error;

pub struct Server {
    pub name: &'static str,
    child: Child,
    pub url: String,
}

impl Server {
    /// Runs a command whose first line of output is `{"url": …}`.
    pub fn start(name: &'static str, command: &mut Command) -> Result<Self, Error> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        let url = ready["url"].as_str().unwrap_or_default().to_owned();
        let server = Self { name, child, url };
        if server.url.is_empty() {
            return Err(Error::Command { command: name.to_owned(), output: line });
        }
        Ok(server)
    }

    pub async fn connect(&self) -> Result<TcpStream, Error> {
        let stream = TcpStream::connect(self.url.trim_start_matches("http://")).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Processor time used so far.
    pub fn cpu(&self) -> Result<Duration, Error> {
        let stat = read(Path::new(&format!("/proc/{}/stat", self.child.id())))?;
        // The name may hold spaces; user and system time are the 12th and 13th field after it.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Resident memory without the pages of mapped files, in MiB.
    pub fn rss(&self) -> Result<u64, Error> {
        let status = read(Path::new(&format!("/proc/{}/status", self.child.id())))?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        Ok(kilobytes.unwrap_or_default() / 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its end; its output where it succeeds.
pub fn finish(command: &mut Command) -> Result<String, Error> {
    let done = command.output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if done.status.success() {
        return Ok(text(&done.stdout));
    }
    Err(Error::Command { command: format!("{command:?}"), output: text(&done.stdout) + &text(&done.stderr) })
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::File { path: path.to_owned(), source })
}
