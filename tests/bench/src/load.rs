//! The load generator: so many keep-alive connections, each with one request on its way, on one thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::error::Error;
use crate::process::Server;
use crate::shape::Requests;

/// One cell of the table.
#[derive(Clone, Debug)]
pub struct Figures {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    /// Processor time of the server for one request.
    pub cpu: Duration,
    /// Resident memory of the server afterwards, in MiB.
    pub rss: u64,
}

/// How long to ask.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    pub warm_up: Duration,
    pub measured: Duration,
}

/// Asks for the given time, then counts what came back within the measured part.
pub fn drive(
    server: &Server,
    requests: Requests,
    token: &str,
    connections: usize,
    times: Times,
) -> Result<Figures, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let next = Arc::new(AtomicU64::new(0));
    let begin = Instant::now() + times.warm_up;
    let end = begin + times.measured;
    let mut cpu = Duration::ZERO;
    let mut latencies = runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..connections {
            let connection =
                Connection { name: server.name.to_owned(), stream: server.connect().await?, buffer: Vec::new() };
            tasks.spawn(connection.ask(requests, token.to_owned(), next.clone(), begin, end));
        }
        tokio::time::sleep_until(begin.into()).await;
        let before = server.cpu()?;
        tokio::time::sleep_until(end.into()).await;
        cpu = server.cpu()?.saturating_sub(before);
        let mut all = Vec::new();
        while let Some(done) = tasks.join_next().await {
            all.append(&mut done.map_err(|_| Error::Closed(server.name.to_owned()))??);
        }
        Ok::<_, Error>(all)
    })?;
    latencies.sort_unstable();
    let at = |share: f64| latencies.get((latencies.len() as f64 * share) as usize).copied().unwrap_or_default();
    let count = latencies.len().max(1);
    Ok(Figures {
        per_second: latencies.len() as f64 / times.measured.as_secs_f64(),
        p50: at(0.50),
        p99: at(0.99),
        cpu: cpu / count as u32,
        rss: server.rss()?,
    })
}

struct Connection {
    name: String,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Times of the requests that were answered between `begin` and `end`.
    async fn ask(
        mut self,
        requests: Requests,
        token: String,
        next: Arc<AtomicU64>,
        begin: Instant,
        end: Instant,
    ) -> Result<Vec<Duration>, Error> {
        let mut latencies = Vec::new();
        loop {
            let request = requests.bytes(next.fetch_add(1, Ordering::Relaxed), &token);
            let sent = Instant::now();
            self.stream.write_all(&request).await?;
            let (status, body) = self.answer().await?;
            if status != requests.shape.expects() {
                return Err(self.unexpected(status, &request, body));
            }
            self.buffer.clear();
            let now = Instant::now();
            if now >= end {
                return Ok(latencies);
            }
            if now >= begin {
                latencies.push(now - sent);
            }
        }
    }

    /// Status, and where the body begins.
    async fn answer(&mut self) -> Result<(u16, usize), Error> {
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(Error::Closed(self.name.clone()));
            }
            let Some(head) = find(&self.buffer, b"\r\n\r\n") else { continue };
            let length = content_length(&self.buffer[..head]).unwrap_or_default();
            let body = head + 4;
            while self.buffer.len() < body + length {
                if self.stream.read_buf(&mut self.buffer).await? == 0 {
                    return Err(Error::Closed(self.name.clone()));
                }
            }
            let status = self.buffer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
            return Ok((status.unwrap_or_default(), body));
        }
    }

    fn unexpected(&self, status: u16, request: &[u8], body: usize) -> Error {
        let line = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
        Error::Answer {
            server: self.name.clone(),
            status,
            request: String::from_utf8_lossy(line).into_owned(),
            body: String::from_utf8_lossy(&self.buffer[body..]).into_owned(),
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn content_length(head: &[u8]) -> Option<usize> {
    let line = head
        .split(|byte| *byte == b'\n')
        .find(|line| line.get(..15).is_some_and(|name| name.eq_ignore_ascii_case(b"content-length:")))?;
    std::str::from_utf8(&line[15..]).ok()?.trim().parse().ok()
}
