//! Which slice of the rows: `limit`, `offset`, or the `Range` header.

use trellis_plan::request::{MAX_LIMIT, MAX_OFFSET, SelectRequest};

use crate::error_code::ErrorCode;
use crate::problem::FieldError;

/// `limit=`; more than a page is cut to a page, which `Content-Range` tells.
pub fn limit(text: &str, pointer: &str) -> Result<u32, FieldError> {
    whole(text, pointer).map(|limit| u32::try_from(limit).unwrap_or(MAX_LIMIT).min(MAX_LIMIT))
}

pub fn offset(text: &str, pointer: &str) -> Result<u32, FieldError> {
    within(whole(text, pointer)?, pointer)
}

/// `0-24` or `10-`.
pub fn range(text: &str, request: &mut SelectRequest) -> Result<(), FieldError> {
    let invalid = || FieldError::new(ErrorCode::InvalidRange, "Range").with("value", text);
    let (first, last) = text.trim().split_once('-').ok_or_else(invalid)?;
    let first: u64 = first.parse().map_err(|_| invalid())?;
    request.offset = within(first, "Range")?;
    if !last.is_empty() {
        let last: u64 = last.parse().map_err(|_| invalid())?;
        let count = last.checked_sub(first).ok_or_else(invalid)?.saturating_add(1);
        request.limit = u32::try_from(count).unwrap_or(MAX_LIMIT).min(MAX_LIMIT);
    }
    Ok(())
}

fn whole(text: &str, pointer: &str) -> Result<u64, FieldError> {
    text.parse().map_err(|_| FieldError::new(ErrorCode::NotANumber, pointer).with("value", text))
}

fn within(offset: u64, pointer: &str) -> Result<u32, FieldError> {
    let offset = u32::try_from(offset).ok().filter(|offset| *offset <= MAX_OFFSET);
    offset.ok_or_else(|| FieldError::new(ErrorCode::OffsetTooLarge, pointer).with("limit", MAX_OFFSET))
}
