//! Commands on a running server, through its API.

use serde_json::{Value, json};

use super::apply::body;
use super::error::Error;

type Files = [(String, String)];

/// Bytes of an answer: all documents of a large tenant.
const LARGEST: u64 = 256 * 1024 * 1024;

pub fn plan(url: &str, token: Option<&str>, tenant: &str, files: &Files) -> Result<Value, Error> {
    post(&format!("{}/t/{tenant}/meta/v1/plan", url.trim_end_matches('/')), token, &body(files, None)?)
}

pub fn apply(url: &str, token: Option<&str>, tenant: &str, files: &Files, hash: Option<&str>) -> Result<Value, Error> {
    post(&format!("{}/t/{tenant}/meta/v1/apply", url.trim_end_matches('/')), token, &body(files, hash)?)
}

pub fn rollback(
    url: &str,
    token: Option<&str>,
    tenant: &str,
    revision: u64,
    hash: Option<&str>,
) -> Result<Value, Error> {
    let body = match hash {
        Some(hash) => json!({ "revision": revision, "hash": hash }),
        None => json!({ "revision": revision }),
    };
    post(&format!("{}/t/{tenant}/meta/v1/rollback", url.trim_end_matches('/')), token, &body)
}

/// The documents of a tenant, now or at a revision, and which revision that is.
pub fn documents(
    url: &str,
    token: Option<&str>,
    tenant: &str,
    revision: Option<u64>,
) -> Result<(u64, Vec<Value>), Error> {
    let query = revision.map(|revision| format!("?revision={revision}")).unwrap_or_default();
    let url = format!("{}/t/{tenant}/meta/v1/documents{query}", url.trim_end_matches('/'));
    let answer = send(&url, |agent| authorized(agent.get(&url), token).call())?;
    let documents = answer["documents"].as_array().cloned().unwrap_or_default();
    Ok((answer["revision"].as_u64().unwrap_or_default(), documents))
}

fn post(url: &str, token: Option<&str>, body: &Value) -> Result<Value, Error> {
    send(url, |agent| authorized(agent.post(url), token).send_json(body))
}

fn authorized<B>(request: ureq::RequestBuilder<B>, token: Option<&str>) -> ureq::RequestBuilder<B> {
    match token {
        Some(token) => request.header("authorization", format!("Bearer {token}")),
        None => request,
    }
}

type Response = ureq::http::Response<ureq::Body>;

fn send(url: &str, ask: impl FnOnce(&ureq::Agent) -> Result<Response, ureq::Error>) -> Result<Value, Error> {
    let unreachable = |reason: String| Error::Unreachable { url: url.to_owned(), reason };
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut response = ask(&agent).map_err(|error| unreachable(error.to_string()))?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(LARGEST);
    let answer: Value = body.read_json().map_err(|error| unreachable(error.to_string()))?;
    // Documents with errors come back as findings, not as a problem.
    if status < 400 || answer.get("diagnostics").is_some() {
        return Ok(answer);
    }
    Err(Error::Remote { status, detail: answer["detail"].as_str().unwrap_or_default().to_owned() })
}
