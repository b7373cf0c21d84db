//! What the record API reads from headers.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use trellis_api::prefer::Preferences;
use trellis_api::rest::{Shape, negotiate};
use trellis_api::{ErrorCode, Problem};
use trellis_engine::idempotency::{KeyedRequest, MAX_KEY};

pub fn header<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

pub fn preferences(request: &HttpRequest) -> Result<Preferences, Problem> {
    Preferences::parse(request.headers().get_all("prefer").filter_map(|value| value.to_str().ok()))
}

pub fn shape(request: &HttpRequest) -> Result<Shape, Problem> {
    negotiate(header(request, ACCEPT.as_str()))
}

pub fn demand_json(request: &HttpRequest) -> Result<(), Problem> {
    demand_media(request, "application/json", |media| media == "application/json" || media.ends_with("+json"))
}

/// A query in the body, written as in an address.
pub fn demand_form(request: &HttpRequest) -> Result<(), Problem> {
    const FORM: &str = "application/x-www-form-urlencoded";
    demand_media(request, FORM, |media| media == FORM)
}

fn demand_media(request: &HttpRequest, usual: &str, is_read: impl Fn(&str) -> bool) -> Result<(), Problem> {
    let media = header(request, CONTENT_TYPE.as_str()).unwrap_or(usual);
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if is_read(&media) { Ok(()) } else { Err(Problem::new(ErrorCode::UnsupportedMedia).with("supported", usual)) }
}

pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The version in `If-Match`; `*` demands nothing. Ours are strong and hold a version: any other tag is of no version
/// there ever was, so that the record counts as changed.
pub fn expected_version(request: &HttpRequest) -> Result<Option<i64>, Problem> {
    match tags(request, IF_MATCH.as_str())?.as_slice() {
        [] | ["*"] => Ok(None),
        [tag] => Ok(Some(version(tag).unwrap_or(NEVER))),
        _ => Err(Problem::new(ErrorCode::InvalidRequest)),
    }
}

/// Versions begin at one.
const NEVER: i64 = 0;

fn version(tag: &str) -> Option<i64> {
    tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

/// Whether the caller has what the tag names already.
pub fn has_already(request: &HttpRequest, etag: &str) -> Result<bool, Problem> {
    let tags = tags(request, IF_NONE_MATCH.as_str())?;
    Ok(tags.iter().any(|tag| *tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag))
}

/// The entity tags of a header, quotes and all.
fn tags<'r>(request: &'r HttpRequest, name: &str) -> Result<Vec<&'r str>, Problem> {
    let values = request.headers().get_all(name).map(|value| value.to_str().unwrap_or_default());
    let tags: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    let well_formed = |tag: &&str| **tag == *"*" || quoted(tag.strip_prefix("W/").unwrap_or(tag));
    if tags.iter().all(well_formed) { Ok(tags) } else { Err(Problem::new(ErrorCode::InvalidRequest)) }
}

fn quoted(tag: &str) -> bool {
    tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"') && !tag[1..tag.len() - 1].contains('"')
}

/// The request under its `Idempotency-Key`, where it has one.
pub fn keyed(request: &HttpRequest, body: &[u8]) -> Result<Option<KeyedRequest>, Problem> {
    let mut keys = request.headers().get_all("idempotency-key");
    let Some(key) = keys.next() else { return Ok(None) };
    let address = request.uri().path_and_query().map_or("", |address| address.as_str());
    let parts = [request.method().as_str().as_bytes(), address.as_bytes(), body];
    let keyed = key.to_str().ok().and_then(|key| KeyedRequest::new(key, &parts));
    match keyed {
        Some(keyed) if keys.next().is_none() => Ok(Some(keyed)),
        _ => Err(Problem::new(ErrorCode::InvalidIdempotencyKey).with("limit", MAX_KEY)),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn entity_tags_are_compared_as_http_says() {
        let rows = [
            (r#""7-1f""#, "if-match Some(0), if-none-match true"),
            (r#"W/"7-1f""#, "if-match Some(0), if-none-match true"),
            (r#""0", W/"7-1f""#, "if-match refused, if-none-match true"),
            (r#""3""#, "if-match Some(3), if-none-match false"),
            ("*", "if-match None, if-none-match true"),
            ("3", "if-match refused, if-none-match refused"),
            (r#"""""#, "if-match refused, if-none-match refused"),
        ];
        for (value, expected) in rows {
            let request = TestRequest::default()
                .insert_header((IF_MATCH, value))
                .insert_header((IF_NONE_MATCH, value))
                .to_http_request();
            let word = |outcome: Result<String, Problem>| outcome.unwrap_or_else(|_| "refused".to_owned());
            let expects = word(expected_version(&request).map(|version| format!("{version:?}")));
            let has = word(has_already(&request, r#""7-1f""#).map(|has| has.to_string()));
            assert_eq!(format!("if-match {expects}, if-none-match {has}"), expected, "{value}");
        }
    }
}
