//! Exports over the API: asked for like a list, carried out as a job, fetched as a file.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use trellis_api::rest::{parse_export, refuse_parameters};
use trellis_api::{ErrorCode, Problem};
use trellis_engine::records::Authority;
use trellis_engine::{JobKind, JobState, jobs};
use trellis_metadata::snapshot::Verb;

use super::job::{self, answer, awaited, own};
use super::writes::{demand, visible};
use crate::exchange::Exchange;
use crate::failure::{Failure, problem};
use crate::jobs::export;

type Answer = Result<HttpResponse, Failure>;
type Address = Path<(String, String, String)>;

/// `POST /t/{tenant}/api/v1/{object}/export`
pub async fn create(exchange: Exchange, path: Path<(String, String)>, request: HttpRequest, _body: Bytes) -> Answer {
    exchange.answer(async |exchange| try_create(exchange, &path.1, &request).await).await
}

async fn try_create(exchange: &Exchange, name: &str, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let object = visible(exchange, name)?;
    demand(exchange, object, &[Verb::Export])?;
    let query = parse_export(request.query_string())?;
    let Exchange { tenant, pinned, caller, state, .. } = exchange;
    let job = export::begin(tenant, pinned, caller, object, &state.cursor_key, &query)?;
    let kept = job.clone();
    let added = tenant.write(pinned.clone(), caller.clone(), Authority::System, move |tx| {
        tx.with_session(|session| Ok(jobs::add(session, &kept)?))
    });
    added.await.map_err(problem)?;
    state.jobs.poke(&tenant.name);
    let job = awaited(exchange, job, query.wait).await?;
    answer(exchange, object, &job, StatusCode::ACCEPTED)
}

/// `GET /t/{tenant}/api/v1/{object}/export/{job}`
pub async fn show(exchange: Exchange, path: Address, request: HttpRequest) -> Answer {
    exchange
        .answer(async |exchange| job::show(exchange, JobKind::Export, (&path.1, &path.2), request.query_string()).await)
        .await
}

/// `GET /t/{tenant}/api/v1/{object}/export/{job}/file`
pub async fn file(exchange: Exchange, path: Address, request: HttpRequest) -> Answer {
    exchange.answer(async |exchange| try_file(exchange, (&path.1, &path.2), request.query_string()).await).await
}

async fn try_file(exchange: &Exchange, place: (&str, &str), query: &str) -> Result<HttpResponse, Problem> {
    let (object, job) = own(exchange, JobKind::Export, place).await?;
    refuse_parameters(query)?;
    if job.state != JobState::Done {
        return Err(Problem::new(ErrorCode::UnknownJob));
    }
    let unreadable = |_| Problem::new(ErrorCode::Internal);
    let request: export::Request = serde_json::from_value(job.request.clone()).map_err(unreadable)?;
    let progress: export::Progress = serde_json::from_value(job.progress.clone()).map_err(unreadable)?;
    let (media, end) =
        if request.ndjson { ("application/x-ndjson", "ndjson") } else { ("text/csv; charset=utf-8", "csv") };
    let name = format!("{}.{end}", object.name);
    Ok(job::file(exchange, job.id, (0..progress.parts, String::new()), |text| text, media, &name))
}
