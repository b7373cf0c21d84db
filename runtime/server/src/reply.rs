//! An answer before it is sent: plain enough to be kept in a database and given again.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use trellis_engine::Error;
use trellis_engine::idempotency::Kept;

/// Says that the answer was given before.
const REPLAYED: &str = "Idempotency-Replayed";

#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// What of an answer is kept beside its status.
#[derive(Serialize)]
struct Text<'a> {
    headers: &'a [(&'static str, String)],
    body: &'a str,
}

#[derive(Deserialize)]
struct OwnedText {
    headers: Vec<(String, String)>,
    body: String,
}

impl Reply {
    pub fn new(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    #[must_use]
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    pub fn respond(self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        for header in self.headers {
            answer.insert_header(header);
        }
        if self.body.is_empty() { answer.finish() } else { answer.body(self.body) }
    }

    /// The text it is kept as.
    pub fn to_text(&self) -> Result<String, Error> {
        let body = std::str::from_utf8(&self.body).map_err(|error| Error::Internal(error.to_string()))?;
        serde_json::to_string(&Text { headers: &self.headers, body })
            .map_err(|error| Error::Internal(error.to_string()))
    }
}

/// The answer that was given first.
pub fn replay(kept: &Kept) -> Result<HttpResponse, Error> {
    let internal = |error: String| Error::Internal(format!("a kept answer cannot be read: {error}"));
    let text: OwnedText = serde_json::from_str(&kept.response).map_err(|error| internal(error.to_string()))?;
    let status = StatusCode::from_u16(kept.status).map_err(|error| internal(error.to_string()))?;
    let mut answer = HttpResponse::build(status);
    for (name, value) in &text.headers {
        answer.insert_header((name.as_str(), value.as_str()));
    }
    answer.insert_header((REPLAYED, "true"));
    Ok(if text.body.is_empty() { answer.finish() } else { answer.body(text.body) })
}
