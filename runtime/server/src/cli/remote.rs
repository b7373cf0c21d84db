//! Commands on a running server, through its API.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use trellis_metadata::document::DocumentSet;

use super::apply::Bundle;
use super::error::Error;

/// Bytes of an answer: all documents of a large tenant.
const LARGEST: u64 = 256 * 1024 * 1024;

pub fn plan(url: &str, token: Option<&str>, tenant: &str, bundle: &Bundle) -> Result<Value, Error> {
    change(&format!("{}/t/{tenant}/meta/v1/plan", url.trim_end_matches('/')), token, bundle, None)
}

pub fn apply(
    url: &str,
    token: Option<&str>,
    tenant: &str,
    bundle: &Bundle,
    hash: Option<&str>,
) -> Result<Value, Error> {
    change(&format!("{}/t/{tenant}/meta/v1/apply", url.trim_end_matches('/')), token, bundle, hash)
}

/// Documents travel as they are written, so that findings have their lines. What is no JSON cannot travel: its findings
/// are told here, and so are all others that can be made without the tenant.
fn change(url: &str, token: Option<&str>, bundle: &Bundle, hash: Option<&str>) -> Result<Value, Error> {
    match body(bundle, hash) {
        Some(body) => post(url, token, &body),
        None => Ok(json!({ "diagnostics": DocumentSet::parse(bundle.files.clone()).1 })),
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

#[derive(Serialize)]
struct Body<'b> {
    documents: Vec<&'b RawValue>,
    files: Vec<&'b str>,
    prune: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<&'b str>,
}

fn body<'b>(bundle: &'b Bundle, hash: Option<&'b str>) -> Option<Body<'b>> {
    let text = |bytes: &'b [u8]| serde_json::from_slice(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)).ok();
    let documents = bundle.files.iter().map(|(_, bytes)| text(bytes));
    let files = bundle.files.iter().map(|(path, _)| path.as_str()).collect();
    Some(Body { documents: documents.collect::<Option<_>>()?, files, prune: bundle.prune, hash })
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

/// The documents of a tenant, now or at a revision, each with its file, and which revision that is.
pub fn documents(
    url: &str,
    token: Option<&str>,
    tenant: &str,
    revision: Option<u64>,
) -> Result<(u64, Vec<(String, Value)>), Error> {
    let query = revision.map(|revision| format!("?revision={revision}")).unwrap_or_default();
    let url = format!("{}/t/{tenant}/meta/v1/documents{query}", url.trim_end_matches('/'));
    let answer = send(&url, |agent| authorized(agent.get(&url), token).call())?;
    let documents = answer["documents"].as_array().cloned().unwrap_or_default();
    let files = answer["files"].as_array().cloned().unwrap_or_default();
    let files = files.into_iter().map(|file| file.as_str().unwrap_or_default().to_owned());
    Ok((answer["revision"].as_u64().unwrap_or_default(), files.zip(documents).collect()))
}

fn post(url: &str, token: Option<&str>, body: &impl Serialize) -> Result<Value, Error> {
    send(url, |agent| authorized(agent.post(url), token).send_json(body))
}

/// Begins a job whose body is a file.
pub fn send_file(
    url: &str,
    token: Option<&str>,
    query: &[(&str, String)],
    media: &str,
    file: std::fs::File,
) -> Result<Value, Error> {
    send(url, |agent| {
        let request = query.iter().fold(agent.post(url), |request, (name, value)| request.query(name, value));
        authorized(request, token).content_type(media).send(file)
    })
}

/// Begins a job without a body.
pub fn begin(url: &str, token: Option<&str>) -> Result<Value, Error> {
    send(url, |agent| authorized(agent.post(url), token).send_empty())
}

/// The job when it has ended.
pub fn job(url: &str, token: Option<&str>, mut job: Value) -> Result<Value, Error> {
    while ["receiving", "running", "undoing"].contains(&job["state"].as_str().unwrap_or_default()) {
        job = send(url, |agent| authorized(agent.get(url).query("wait", "60"), token).call())?;
    }
    Ok(job)
}

/// Writes the body of an answer to a file.
pub fn fetch_file(url: &str, token: Option<&str>, path: &std::path::Path) -> Result<(), Error> {
    let unreachable = |reason: String| Error::Unreachable { url: url.to_owned(), reason };
    let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
    let mut response = authorized(agent.get(url), token).call().map_err(|error| unreachable(error.to_string()))?;
    let mut file = std::fs::File::create(path).map_err(|error| Error::file(path, error))?;
    std::io::copy(&mut response.body_mut().as_reader(), &mut file).map_err(|error| Error::file(path, error))?;
    Ok(())
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
    let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
    Err(Error::Remote { status, code: text("code"), detail: text("detail") })
}
