//! Files: sent for a field of an object, fetched by their id.

use std::cell::RefCell;
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_RANGE, LOCATION, RANGE,
};
use actix_web::web::{Bytes, Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use trellis_api::{ErrorCode, Problem};
use trellis_engine::Error;
use trellis_engine::files::{self, Attachment, Content, Picture, Received, Target, Variant};
use uuid::Uuid;

use super::headers::{has_already, header};
use crate::exchange::{Exchange, blocking};
use crate::failure::Failure;

type Answer = Result<HttpResponse, Failure>;

/// Bytes that are written, or read, in one go.
const PART: usize = 256 * 1024;
/// A sender who is silent for so long is gone.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    /// `visit.photo`
    field: String,
    #[serde(default)]
    name: String,
}

/// `POST /t/{tenant}/api/v1/files?field=visit.photo&name=shelf.jpg`, the bytes as the body.
pub async fn upload(exchange: Exchange, query: Query<UploadQuery>, request: HttpRequest, payload: Payload) -> Answer {
    let payload = RefCell::new(Some(payload));
    exchange.answer(async |exchange| try_upload(exchange, &query, &request, &payload).await).await
}

async fn try_upload(
    exchange: &Exchange,
    query: &UploadQuery,
    request: &HttpRequest,
    payload: &RefCell<Option<Payload>>,
) -> Result<HttpResponse, Problem> {
    let target = target(exchange, &query.field)?;
    let announced = header(request, CONTENT_LENGTH.as_str()).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > target.rule.max_bytes) {
        return Err(Problem::new(ErrorCode::FileTooLarge).with("limit", target.rule.max_bytes));
    }
    // Read once; under newer documents the request would have to be sent again.
    let payload = payload.borrow_mut().take().ok_or_else(|| Problem::new(ErrorCode::Republished))?;
    let received = receive(exchange, target.rule.max_bytes, payload).await?;
    let attachment = take_in(exchange, target, received, query.name.clone()).await?;
    let address = format!("/t/{}/api/v1/files/{}", exchange.tenant.name, attachment.id);
    Ok(HttpResponse::Created().insert_header((LOCATION, address)).json(told(&attachment)))
}

fn target(exchange: &Exchange, place: &str) -> Result<Target, Problem> {
    let (object, field) = place.split_once('.').unwrap_or((place, ""));
    files::target(&exchange.pinned, &exchange.caller, object, field)
        .ok_or_else(|| Problem::new(ErrorCode::UnknownField).with("object", object).with("name", field))
}

async fn receive(exchange: &Exchange, limit: u64, mut payload: Payload) -> Result<Received, Problem> {
    let runtime = exchange.state.runtime.clone();
    let mut received = blocking(move || Received::begin(&runtime.storage, limit)).await?;
    let mut part = Vec::with_capacity(PART);
    loop {
        let next = actix_web::rt::time::timeout(PATIENCE, payload.next()).await;
        let bytes: Option<Bytes> = match next {
            Ok(None) => None,
            Ok(Some(Ok(bytes))) => Some(bytes),
            Ok(Some(Err(_))) | Err(_) => return Err(Problem::new(ErrorCode::InvalidRequest)),
        };
        let is_last = bytes.is_none();
        part.extend_from_slice(&bytes.unwrap_or_default());
        if is_last || part.len() >= PART {
            let full = std::mem::take(&mut part);
            received = blocking(move || received.push(&full).map(|()| received)).await?;
        }
        if is_last {
            return Ok(received);
        }
    }
}

async fn take_in(exchange: &Exchange, target: Target, received: Received, name: String) -> Result<Attachment, Problem> {
    let (runtime, tenant) = (exchange.state.runtime.clone(), exchange.tenant.clone());
    let caller = exchange.caller.clone();
    blocking(move || files::take_in(&runtime, &tenant, &caller, &target, received, &name)).await
}

fn told(attachment: &Attachment) -> Json {
    json!({
        "id": attachment.id,
        "name": attachment.name,
        "type": attachment.media.content_type(),
        "size": attachment.size,
        "sha256": attachment.hash,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DownloadQuery {
    /// A picture made smaller.
    variant: Option<Variant>,
}

/// `GET /t/{tenant}/api/v1/files/{id}`
pub async fn download(
    exchange: Exchange,
    path: Path<(String, String)>,
    query: Query<DownloadQuery>,
    request: HttpRequest,
) -> Answer {
    let variant = query.variant;
    exchange
        .answer(async |exchange| {
            let attachment = find(exchange, &path.1).await?;
            match variant {
                Some(variant) => serve_picture(exchange, attachment, variant, &request).await,
                None => serve(exchange, attachment, &request).await,
            }
        })
        .await
}

/// The file, where the caller may read it. The rights are asked anew each time.
async fn find(exchange: &Exchange, id: &str) -> Result<Attachment, Problem> {
    let id = Uuid::try_parse(id).map_err(|_| unknown())?;
    let found = exchange
        .read_long(move |handle, pinned, caller| {
            match handle.read(|session| files::find(session, pinned, caller, id)) {
                Err(Error::NotFound) => Ok(None),
                found => found.map(Some),
            }
        })
        .await?;
    found.ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::new(ErrorCode::UnknownFile)
}

fn missing(attachment: &Attachment) -> Problem {
    tracing::error!(id = %attachment.id, "the bytes of a file are missing");
    unknown()
}

/// What every answer with a file says: nothing is kept without asking anew, and whatever a browser makes of it runs
/// nothing and reaches nothing.
fn guarded(etag: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((ETAG, etag))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .insert_header(("content-security-policy", "sandbox; default-src 'none'"))
        .insert_header(("cross-origin-resource-policy", "same-origin"));
    answer
}

fn tag(attachment: &Attachment) -> &str {
    attachment.hash.get(..32).unwrap_or_default()
}

async fn serve_picture(
    exchange: &Exchange,
    attachment: Attachment,
    variant: Variant,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let etag = format!("\"{}-{}\"", tag(&attachment), variant.name());
    if has_already(request, &etag)? {
        return Ok(guarded(&etag).status(StatusCode::NOT_MODIFIED).finish());
    }
    // Drawing takes the processor for itself.
    let turn = exchange.state.pictures.acquire().await.map_err(|_| Problem::new(ErrorCode::Unavailable))?;
    let (runtime, tenant, file) = (exchange.state.runtime.clone(), exchange.tenant.clone(), attachment.clone());
    let found = blocking(move || files::picture(&runtime, &tenant, &file, variant)).await?;
    drop(turn);
    let Picture { media, bytes } = found.ok_or_else(|| missing(&attachment))?;
    Ok(guarded(&etag).content_type(media.content_type()).insert_header((CONTENT_DISPOSITION, "inline")).body(bytes))
}

async fn serve(exchange: &Exchange, attachment: Attachment, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let etag = format!("\"{}\"", tag(&attachment));
    let mut answer = guarded(&etag);
    answer.insert_header((ACCEPT_RANGES, "bytes"));
    if has_already(request, &etag)? {
        return Ok(answer.status(StatusCode::NOT_MODIFIED).finish());
    }
    let (runtime, tenant, id) = (exchange.state.runtime.clone(), exchange.tenant.clone(), attachment.id);
    let content = blocking(move || Content::of(&runtime, &tenant, id)).await?.ok_or_else(|| missing(&attachment))?;
    answer.content_type(attachment.media.content_type()).insert_header((CONTENT_DISPOSITION, disposition(&attachment)));
    let size = content.size;
    let is_current = header(request, IF_RANGE.as_str()).is_none_or(|tag| tag == etag);
    let asked = header(request, RANGE.as_str()).filter(|_| is_current).and_then(|range| part(range, size));
    if let Some((start, end)) = asked {
        answer.status(StatusCode::PARTIAL_CONTENT);
        answer.insert_header((CONTENT_RANGE, format!("bytes {start}-{}/{size}", end - 1)));
    }
    let (start, end) = asked.unwrap_or((0, size));
    let parts = futures_util::stream::unfold(start, move |at| {
        let content = content.clone();
        async move {
            let length = PART.min(usize::try_from(end - at).unwrap_or(PART));
            if length == 0 {
                return None;
            }
            match blocking(move || content.read(at, length)).await {
                // Shorter than it says it is: the connection ends, so that nobody takes a part for the whole.
                Ok(bytes) if bytes.is_empty() => {
                    Some((Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)), end))
                }
                Ok(bytes) => {
                    let next = at + bytes.len() as u64;
                    Some((Ok(Bytes::from(bytes)), next))
                }
                Err(_) => Some((Err(std::io::Error::from(std::io::ErrorKind::Other)), end)),
            }
        }
    });
    Ok(answer.body(SizedStream::new(end - start, Box::pin(parts))))
}

/// Pictures may be shown where they are; all else is for saving.
fn disposition(attachment: &Attachment) -> String {
    let way = if attachment.media.is_image() { "inline" } else { "attachment" };
    let plain: String =
        attachment.name.chars().map(|c| if c.is_ascii() && !matches!(c, '"' | '\\') { c } else { '_' }).collect();
    let exact = percent_encoding::utf8_percent_encode(&attachment.name, percent_encoding::NON_ALPHANUMERIC);
    format!("{way}; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

/// What a `Range` asks for of so many bytes: from here, up to but without there. What is not understood, asks for
/// several parts or for none there is, is as good as not said.
fn part(range: &str, size: u64) -> Option<(u64, u64)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (start, end) = match (first, last) {
        ("", last) => (size.saturating_sub(last.parse().ok()?), size),
        (first, "") => (first.parse().ok()?, size),
        (first, last) => (first.parse().ok()?, size.min(last.parse::<u64>().ok()?.saturating_add(1))),
    };
    (start < end).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_says() {
        let rows = [
            ("bytes=0-4", Some((0, 5))),
            ("bytes=5-", Some((5, 10))),
            ("bytes=-3", Some((7, 10))),
            ("bytes=-30", Some((0, 10))),
            ("bytes=8-99", Some((8, 10))),
            ("bytes=0-18446744073709551615", Some((0, 10))),
            ("bytes=10-", None),
            ("bytes=10-12", None),
            ("bytes=-0", None),
            ("bytes=4-2", None),
            ("bytes=0-1,3-4", None),
            ("bytes=a-b", None),
            ("bytes=-", None),
            ("items=0-4", None),
        ];
        for (range, expected) in rows {
            assert_eq!(part(range, 10), expected, "{range}");
        }
        assert_eq!(part("bytes=0-", 0), None);
    }
}
