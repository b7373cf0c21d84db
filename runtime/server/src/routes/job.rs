//! What imports and exports have in common over the API: finding one's own, waiting for it, telling how far it is,
//! fetching its file.

use std::ops::Range;
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use futures_util::stream;
use serde_json::{Value as Json, json};
use trellis_api::rest::parse_wait;
use trellis_api::{ErrorCode, Problem};
use trellis_engine::{Job, JobKind, jobs};
use trellis_metadata::snapshot::Object;
use uuid::Uuid;

use super::writes::visible;
use crate::exchange::{Exchange, blocking};
use crate::jobs::export;

/// How often a waiting request looks.
const GLANCE: Duration = Duration::from_millis(40);

/// The caller's own job of this kind and object; that of another does not exist.
pub async fn own<'e>(
    exchange: &'e Exchange,
    kind: JobKind,
    (name, id): (&str, &str),
) -> Result<(&'e Object, Job), Problem> {
    let object = visible(exchange, name)?;
    let unknown = || Problem::new(ErrorCode::UnknownJob);
    let id = Uuid::try_parse(id).map_err(|_| unknown())?;
    let job = find(exchange, id).await?;
    let is_own =
        |job: &Job| job.kind == kind && job.user == exchange.caller.actor.user && job.object == object.id.as_str();
    Ok((object, job.filter(is_own).ok_or_else(unknown)?))
}

async fn find(exchange: &Exchange, id: Uuid) -> Result<Option<Job>, Problem> {
    exchange.read(move |handle, _, _| handle.read(|session| Ok(jobs::find(session, id)?))).await
}

/// The job when it has ended, or as it is when the time is over.
pub async fn awaited(exchange: &Exchange, mut job: Job, wait: Duration) -> Result<Job, Problem> {
    let end = Instant::now() + wait;
    while job.state.is_open() && Instant::now() < end {
        tokio::time::sleep(GLANCE).await;
        job = find(exchange, job.id).await?.ok_or_else(|| Problem::new(ErrorCode::UnknownJob))?;
    }
    Ok(job)
}

/// `GET …/{import or export}/{job}`
pub async fn show(
    exchange: &Exchange,
    kind: JobKind,
    place: (&str, &str),
    query: &str,
) -> Result<HttpResponse, Problem> {
    let (object, job) = own(exchange, kind, place).await?;
    let job = awaited(exchange, job, parse_wait(query)?).await?;
    answer(exchange, object, &job, StatusCode::OK)
}

/// How far it is, and where more is told.
pub fn answer(exchange: &Exchange, object: &Object, job: &Job, status: StatusCode) -> Result<HttpResponse, Problem> {
    let kind = job.kind.as_str();
    let address = format!("/t/{}/api/v1/{}/{kind}/{}", exchange.tenant.name, object.name, job.id);
    let mut body = json!({ "id": job.id, "kind": kind, "object": object.name, "state": job.state.as_str() });
    let internal = |_| Problem::new(ErrorCode::Internal);
    let of_kind = match job.kind {
        JobKind::Import => {
            let request = trellis_engine::import::request(job).map_err(crate::failure::problem)?;
            let progress = trellis_engine::import::progress(job).map_err(crate::failure::problem)?;
            json!({
                "dry_run": request.dry_run,
                "rows": progress.rows,
                "created": progress.created,
                "updated": progress.updated,
                "unchanged": progress.unchanged,
                "blank": progress.blank,
                "refused": progress.refused,
                "undone": progress.undone,
                "kept": progress.kept,
                "reason": progress.reason,
                "errors": progress.samples,
                "error_file": (progress.refused > 0).then(|| format!("{address}/errors")),
            })
        }
        JobKind::Export => {
            let progress: export::Progress = serde_json::from_value(job.progress.clone()).map_err(internal)?;
            let is_done = job.state == trellis_engine::JobState::Done;
            json!({
                "rows": progress.rows,
                "reason": progress.reason,
                "file": is_done.then(|| format!("{address}/file")),
            })
        }
    };
    if let (Json::Object(body), Json::Object(more)) = (&mut body, of_kind) {
        body.extend(more);
    }
    Ok(HttpResponse::build(status).insert_header(("location", address)).json(body))
}

/// The outcomes of a job's parts as one file, read while it is sent.
pub fn file(
    exchange: &Exchange,
    job: Uuid,
    (parts, head): (Range<u64>, String),
    lines: impl Fn(String) -> String + Clone + Send + 'static,
    media: &'static str,
    name: &str,
) -> HttpResponse {
    let handle = exchange.tenant.handle.clone();
    let pieces = stream::unfold(parts, move |mut parts| {
        let (handle, lines) = (handle.clone(), lines.clone());
        async move {
            let number = parts.next()?;
            let read = blocking(move || Ok(export::part(&handle, job, number)?.map_or_else(String::new, lines)));
            let piece = read.await.map(Bytes::from).map_err(|problem| {
                tracing::error!(%job, code = problem.code.as_str(), "the file of a job broke off");
                std::io::Error::other("the storage does not answer")
            });
            Some((piece, parts))
        }
    });
    let head = stream::iter([Ok(Bytes::from(head))]);
    HttpResponse::Ok()
        .insert_header(("content-type", media))
        .insert_header(("cache-control", "private, no-store"))
        .insert_header(("content-disposition", format!("attachment; filename=\"{name}\"")))
        .streaming(futures_util::StreamExt::chain(head, pieces))
}
