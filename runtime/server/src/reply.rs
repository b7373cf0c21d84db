//! An answer before it is sent: plain enough to be kept in a database and given again.

use std::borrow::Cow;

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
    text: Text<'static>,
}

/// What of an answer is kept beside its status.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Text<'a> {
    headers: Vec<(Cow<'a, str>, String)>,
    body: String,
}

impl Reply {
    pub fn new(status: StatusCode) -> Self {
        Self { status, text: Text::default() }
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.text.headers.push((name.into(), value.into()));
        self
    }

    /// Everything that is answered to a write is text.
    #[must_use]
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.text.body =
            String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        self
    }

    pub fn respond(self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        for (name, value) in &self.text.headers {
            answer.insert_header((&**name, value.as_str()));
        }
        if self.text.body.is_empty() { answer.finish() } else { answer.body(self.text.body) }
    }

    /// The text it is kept as.
    pub fn to_text(&self) -> Result<String, Error> {
        serde_json::to_string(&self.text).map_err(|error| Error::Internal(error.to_string()))
    }

    /// The answer that was given first.
    pub fn kept(kept: &Kept) -> Result<Self, Error> {
        let internal = |error: String| Error::Internal(format!("a kept answer cannot be read: {error}"));
        let text = serde_json::from_str(&kept.response).map_err(|error| internal(error.to_string()))?;
        let status = StatusCode::from_u16(kept.status).map_err(|error| internal(error.to_string()))?;
        Ok(Self { status, text }.header(REPLAYED, "true"))
    }
}
