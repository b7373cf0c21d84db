//! Commands on a running server, through its API.

use serde_json::Value;

use super::apply::body;
use super::error::Error;

type Files = [(String, String)];

pub fn plan(url: &str, token: Option<&str>, tenant: &str, files: &Files) -> Result<Value, Error> {
    post(&format!("{}/t/{tenant}/meta/v1/plan", url.trim_end_matches('/')), token, &body(files, None)?)
}

pub fn apply(url: &str, token: Option<&str>, tenant: &str, files: &Files, hash: Option<&str>) -> Result<Value, Error> {
    post(&format!("{}/t/{tenant}/meta/v1/apply", url.trim_end_matches('/')), token, &body(files, hash)?)
}

fn post(url: &str, token: Option<&str>, body: &Value) -> Result<Value, Error> {
    let unreachable = |reason: String| Error::Unreachable { url: url.to_owned(), reason };
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = agent.post(url);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut response = request.send_json(body).map_err(|error| unreachable(error.to_string()))?;
    let status = response.status().as_u16();
    let answer: Value = response.body_mut().read_json().map_err(|error| unreachable(error.to_string()))?;
    // Documents with errors come back as findings, not as a problem.
    if status < 400 || answer.get("diagnostics").is_some() {
        return Ok(answer);
    }
    Err(Error::Remote { status, detail: answer["detail"].as_str().unwrap_or_default().to_owned() })
}
