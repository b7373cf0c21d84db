//! Imports over the API: the file comes in as the body, is cut into parts and kept; the job carries them out.

use std::cell::RefCell;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt;
use trellis_api::rest::{ImportQuery, Resolution, parse_import, parse_wait, refuse_parameters};
use trellis_api::{ErrorCode, FieldError, Problem};
use trellis_engine::import::{
    self, Empty, Encoding, Existing, Format, Intake, LONGEST_RECORD, Options, Piece, Unreadable,
};
use trellis_engine::jobs;
use trellis_engine::records::{Authority, Transaction};
use trellis_engine::{Error, Job, JobKind};
use trellis_metadata::snapshot::{Object, Verb};
use uuid::Uuid;

use super::headers::header;
use super::job::{self, answer, awaited, own};
use super::writes::{demand, visible};
use crate::exchange::Exchange;
use crate::failure::{Failure, problem};
use crate::jobs::refused;

type Answer = Result<HttpResponse, Failure>;

/// Bytes of a file.
const MAX_FILE: u64 = 2 << 30;

const MEDIA: &str = "text/csv, text/tab-separated-values, application/x-ndjson";

/// `POST /t/{tenant}/api/v1/{object}/import`
pub async fn create(exchange: Exchange, path: Path<(String, String)>, request: HttpRequest, body: Payload) -> Answer {
    let body = RefCell::new(Some(body));
    exchange.answer(async |exchange| try_create(exchange, &path.1, &request, &body).await).await
}

async fn try_create(
    exchange: &Exchange,
    name: &str,
    request: &HttpRequest,
    body: &RefCell<Option<Payload>>,
) -> Result<HttpResponse, Problem> {
    let object = visible(exchange, name)?;
    let query = parse_import(&exchange.pinned.snapshot, &*exchange.caller.profile, object, request.query_string())?;
    demand_all(exchange, object, &query)?;
    let options = options(exchange, object, request, &query)?;
    // Read once only: a request that is tried again has none left.
    let body = body.borrow_mut().take().ok_or_else(|| Problem::new(ErrorCode::Republished))?;
    let mut receipt = Receipt { exchange, object, intake: Intake::new(options), job: None, parts: 0, rows: 0 };
    let job = receipt.take_all(body).await?;
    exchange.state.jobs.poke(&exchange.tenant.name);
    let job = awaited(exchange, job, query.wait).await?;
    answer(exchange, object, &job, StatusCode::ACCEPTED)
}

fn demand_all(exchange: &Exchange, object: &Object, query: &ImportQuery) -> Result<(), Problem> {
    demand(exchange, object, &[Verb::Create])?;
    match &query.on_conflict {
        Some((_, Resolution::Merge)) => demand(exchange, object, &[Verb::Update]),
        _ => Ok(()),
    }
}

fn options(
    exchange: &Exchange,
    object: &Object,
    request: &HttpRequest,
    query: &ImportQuery,
) -> Result<Options, Problem> {
    let media = header(request, CONTENT_TYPE.as_str()).unwrap_or("text/csv");
    let mut parts = media.split(';').map(|part| part.trim().to_ascii_lowercase());
    let is_table = match parts.next().as_deref() {
        Some("text/csv" | "text/tab-separated-values" | "text/plain") => true,
        Some("application/x-ndjson" | "application/ndjson" | "application/jsonl") => false,
        _ => return Err(Problem::new(ErrorCode::UnsupportedMedia).with("supported", MEDIA)),
    };
    let charset = query.charset.clone();
    let charset = charset.or_else(|| parts.find_map(|part| part.strip_prefix("charset=").map(str::to_owned)));
    let charset = charset.unwrap_or_else(|| "utf-8".to_owned());
    let encoding = Encoding::for_label(charset.as_bytes()).ok_or_else(|| {
        let finding = FieldError::new(ErrorCode::InvalidValue, "?charset").with("value", &charset);
        Problem::of_query(vec![finding.with("expected", "utf-8, gb18030, gbk, big5, …")])
    })?;
    let (key, resolution) = match &query.on_conflict {
        Some((fields, resolution)) => (fields.as_slice(), Some(*resolution)),
        None => (&[][..], None),
    };
    Ok(Options {
        is_table,
        has_header: query.has_header,
        encoding,
        columns: query.columns.clone(),
        key: key.iter().map(|field| object.field(*field).name.to_string()).collect(),
        existing: resolution.map(|resolution| match resolution {
            Resolution::Merge => Existing::Merge,
            Resolution::Ignore => Existing::Ignore,
        }),
        empty: if query.clears_empty { Empty::Clear } else { Empty::Keep },
        dry_run: query.is_dry_run,
        locale: exchange.locale,
    })
}

/// The file as it is kept.
struct Receipt<'e> {
    exchange: &'e Exchange,
    object: &'e Object,
    intake: Intake,
    /// Once the columns are known.
    job: Option<Uuid>,
    parts: u64,
    rows: u64,
}

impl Receipt<'_> {
    async fn take_all(&mut self, mut body: Payload) -> Result<Job, Problem> {
        let mut size = 0;
        while let Some(bytes) = body.next().await {
            let bytes: Bytes = bytes.map_err(|_| Problem::new(ErrorCode::InvalidRequest))?;
            size += bytes.len() as u64;
            if size > MAX_FILE {
                return Err(Problem::new(ErrorCode::BodyTooLarge).with("limit", MAX_FILE));
            }
            let pieces = self.intake.push(&bytes).map_err(unreadable)?;
            self.keep(pieces).await?;
        }
        let last = self.intake.finish().map_err(unreadable)?;
        self.keep(last).await?;
        let job = self.job.ok_or_else(|| Problem::new(ErrorCode::EmptyFile))?;
        let (parts, rows, before) = (self.parts, self.rows, self.intake.lines_before());
        self.write(move |tx| import::complete(tx, job, parts, rows, before)).await
    }

    async fn keep(&mut self, pieces: Vec<Piece>) -> Result<(), Problem> {
        for piece in pieces {
            let job = match self.job {
                Some(job) => job,
                None => self.begin().await?,
            };
            let number = self.parts;
            self.parts += 1;
            self.rows += piece.rows;
            self.write(move |tx| import::receive(tx, job, number, &piece)).await?;
        }
        Ok(())
    }

    /// The columns are known: what is wrong with them is told before a row is kept.
    async fn begin(&mut self) -> Result<Uuid, Problem> {
        let Exchange { pinned, caller, .. } = self.exchange;
        let request = self.intake.request();
        let findings = import::check(pinned, caller, self.object, &request);
        if !findings.is_empty() {
            return Err(problem(Error::Invalid(findings)));
        }
        let job = import::begin(self.object, caller.actor.user, &request).map_err(problem)?;
        let id = job.id;
        self.write(move |tx| tx.with_session(|session| Ok(jobs::add(session, &job)?))).await?;
        self.job = Some(id);
        Ok(id)
    }

    async fn write<T: Send + 'static>(
        &self,
        job: impl Fn(&Transaction<'_>) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Problem> {
        let Exchange { tenant, pinned, caller, .. } = self.exchange;
        tenant.write(pinned.clone(), caller.clone(), Authority::System, job).await.map_err(problem)
    }
}

fn unreadable(why: Unreadable) -> Problem {
    let (code, line) = match why {
        Unreadable::NotUtf8 { line } => (ErrorCode::FileNotUtf8, line),
        Unreadable::TooLong { line } => (ErrorCode::RecordTooLong, line),
        Unreadable::OpenQuote { line } => (ErrorCode::QuoteNotClosed, line),
    };
    Problem::new(code).with("line", line).with("limit", LONGEST_RECORD)
}

type Address = Path<(String, String, String)>;

/// `GET /t/{tenant}/api/v1/{object}/import/{job}`
pub async fn show(exchange: Exchange, path: Address, request: HttpRequest) -> Answer {
    exchange
        .answer(async |exchange| job::show(exchange, JobKind::Import, (&path.1, &path.2), request.query_string()).await)
        .await
}

/// `POST /t/{tenant}/api/v1/{object}/import/{job}/undo`
pub async fn undo(exchange: Exchange, path: Address, request: HttpRequest) -> Answer {
    exchange.answer(async |exchange| try_undo(exchange, (&path.1, &path.2), request.query_string()).await).await
}

async fn try_undo(exchange: &Exchange, place: (&str, &str), query: &str) -> Result<HttpResponse, Problem> {
    let (object, job) = own(exchange, JobKind::Import, place).await?;
    let wait = parse_wait(query)?;
    let id = job.id;
    let Exchange { tenant, pinned, caller, .. } = exchange;
    let begun = tenant.write(pinned.clone(), caller.clone(), Authority::System, move |tx| import::begin_undo(tx, id));
    let job = begun.await.map_err(problem)?.ok_or_else(|| Problem::new(ErrorCode::JobNotEnded))?;
    exchange.state.jobs.poke(&tenant.name);
    let job = awaited(exchange, job, wait).await?;
    answer(exchange, object, &job, StatusCode::ACCEPTED)
}

/// `GET /t/{tenant}/api/v1/{object}/import/{job}/errors`
pub async fn errors(exchange: Exchange, path: Address, request: HttpRequest) -> Answer {
    exchange.answer(async |exchange| try_errors(exchange, (&path.1, &path.2), request.query_string()).await).await
}

async fn try_errors(exchange: &Exchange, place: (&str, &str), query: &str) -> Result<HttpResponse, Problem> {
    let (_, job) = own(exchange, JobKind::Import, place).await?;
    refuse_parameters(query)?;
    let request = import::request(&job).map_err(problem)?;
    let parts = import::progress(&job).map_err(problem)?.parts;
    let head = refused::header(&request);
    let (media, name) = match &request.format {
        Format::Csv { .. } => ("text/csv; charset=utf-8", "csv"),
        Format::Ndjson => ("application/x-ndjson", "ndjson"),
    };
    let format = request.format.clone();
    let line = move |text: String| refused::lines(&text, &format);
    Ok(job::file(exchange, job.id, (0..parts, head), line, media, &format!("refused.{name}")))
}
