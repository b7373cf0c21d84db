//! A caller that goes away: it drops its connection when its time is over, wherever the request is by then.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::write::Request;

/// How a request ended on this side.
pub enum End {
    Status(u16),
    /// The connection was dropped before any answer.
    Dropped,
}

pub struct Hasty {
    /// Host and port.
    pub address: String,
    pub token: String,
}

impl Hasty {
    /// Sends the first `part` bytes of the request and waits `patience` for its answer.
    pub fn send(&self, request: &Request, part: usize, patience: Duration) -> End {
        let until = Instant::now() + patience;
        let text = self.text(request);
        let mut connection = TcpStream::connect(&self.address).unwrap();
        // The server may have hung up already; then there is no answer either.
        let sent = connection.write_all(&text.as_bytes()[..part.min(text.len())]);
        if sent.is_err() {
            return End::Dropped;
        }
        status(&mut connection, until).map_or(End::Dropped, End::Status)
    }

    fn text(&self, request: &Request) -> String {
        let Request { method, path, headers, body, .. } = request;
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let (host, token, length) = (&self.address, &self.token, body.len());
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n{headers}\
             connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    }
}

/// The status of the answer, if its first line comes in time.
fn status(connection: &mut TcpStream, until: Instant) -> Option<u16> {
    let mut line = [0; 12];
    let mut read = 0;
    while read < line.len() {
        let left = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
        connection.set_read_timeout(Some(left)).unwrap();
        match connection.read(&mut line[read..]) {
            Ok(0) => return None,
            Ok(more) => read += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    std::str::from_utf8(&line).ok()?.strip_prefix("HTTP/1.1 ")?.parse().ok()
}
