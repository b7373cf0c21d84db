//! Which form an answer takes, and what its headers say of the rows.

use trellis_plan::request::{Embed, EmbedRelation, SelectRequest};

use crate::error_code::ErrorCode;
use crate::problem::{FieldError, Problem};

const SUPPORTED: &str = "application/json, application/vnd.pgrst.object+json, text/csv";

/// The form of a successful answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Array {
        strip_nulls: bool,
    },
    /// Exactly one record, without the brackets.
    Object {
        strip_nulls: bool,
    },
    Csv,
}

impl Shape {
    pub fn content_type(self) -> &'static str {
        match self {
            Shape::Array { strip_nulls: false } => "application/json; charset=utf-8",
            Shape::Array { strip_nulls: true } => "application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8",
            Shape::Object { strip_nulls: false } => "application/vnd.pgrst.object+json; charset=utf-8",
            Shape::Object { strip_nulls: true } => "application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8",
            Shape::Csv => "text/csv; charset=utf-8",
        }
    }

    pub fn strips_nulls(self) -> bool {
        matches!(self, Shape::Array { strip_nulls: true } | Shape::Object { strip_nulls: true })
    }

    /// Refuses what the form has no place for: a line of CSV holds a record and those it points at, and no lists.
    pub fn carry(self, request: &SelectRequest) -> Result<(), Problem> {
        let mut lists = Vec::new();
        if self == Shape::Csv {
            add_lists(request, "", &mut lists);
        }
        let finding = |path: String| {
            let feature = format!(
                "The list `{path}` in text/csv, where a line is one record (ask for JSON, or for `{path}(count())`)"
            );
            FieldError::new(ErrorCode::Unsupported, "?select").with("feature", feature)
        };
        if lists.is_empty() { Ok(()) } else { Err(Problem::of_query(lists.into_iter().map(finding).collect())) }
    }

    /// Refuses a count of rows the form cannot carry.
    pub fn admit(self, rows: usize) -> Result<(), Problem> {
        match self {
            Shape::Object { .. } if rows != 1 => {
                // Clients compare these words.
                let details = format!("The result contains {rows} rows");
                Err(Problem::new(ErrorCode::NotSingular).member("details", details.into()))
            }
            _ => Ok(()),
        }
    }
}

/// Paths of the embeds that are lists of records.
fn add_lists(request: &SelectRequest, before: &str, lists: &mut Vec<String>) {
    let is_list = |embed: &Embed| matches!(embed.relation, EmbedRelation::Many { .. }) && embed.count.is_none();
    for embed in &request.embeds {
        let path = format!("{before}{}", embed.name);
        if is_list(embed) {
            lists.push(path);
        } else {
            add_lists(&embed.request, &format!("{path}."), lists);
        }
    }
}

/// Chooses by the `Accept` header; the first form we know wins, quality values aside.
pub fn negotiate(accept: Option<&str>) -> Result<Shape, Problem> {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else {
        return Ok(Shape::Array { strip_nulls: false });
    };
    let shape = accept.split(',').take(50).find_map(shape_of);
    shape.ok_or_else(|| Problem::new(ErrorCode::NotAcceptable).with("supported", SUPPORTED))
}

fn shape_of(item: &str) -> Option<Shape> {
    let mut parts = item.split(';').map(str::trim);
    let media = parts.next()?.to_ascii_lowercase();
    let parameters: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
    if parameters.iter().any(|parameter| matches!(parameter.as_str(), "q=0" | "q=0.0")) {
        return None;
    }
    let strip_nulls = parameters.iter().any(|parameter| parameter == "nulls=stripped");
    match media.as_str() {
        "application/json" | "application/*" | "*/*" => Some(Shape::Array { strip_nulls: false }),
        "application/vnd.pgrst.array+json" | "application/vnd.pgrst.array" => Some(Shape::Array { strip_nulls }),
        "application/vnd.pgrst.object+json" | "application/vnd.pgrst.object" => Some(Shape::Object { strip_nulls }),
        "text/csv" => Some(Shape::Csv),
        _ => None,
    }
}

/// `0-24/573`, `0-24/*`, `*/0`.
pub fn content_range(offset: u32, returned: usize, total: Option<u64>) -> String {
    let total = total.map_or_else(|| "*".to_owned(), |total| total.to_string());
    match returned {
        0 => format!("*/{total}"),
        count => format!("{offset}-{}/{total}", offset as usize + count - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_headers_choose_a_form() {
        let rows = [
            (None, "Ok(Array { strip_nulls: false })"),
            (Some("*/*"), "Ok(Array { strip_nulls: false })"),
            (Some("application/vnd.pgrst.object+json"), "Ok(Object { strip_nulls: false })"),
            (Some("application/vnd.pgrst.object+json;nulls=stripped"), "Ok(Object { strip_nulls: true })"),
            (Some("text/html, text/csv;q=0.9"), "Ok(Csv)"),
            (Some("image/png"), "Err(NotAcceptable)"),
            (Some("application/json;q=0"), "Err(NotAcceptable)"),
        ];
        for (accept, expected) in rows {
            let shape = negotiate(accept).map_err(|problem| problem.code);
            assert_eq!(format!("{shape:?}"), expected, "{accept:?}");
        }
    }

    #[test]
    fn ranges_count_what_was_returned() {
        assert_eq!(content_range(0, 25, Some(573)), "0-24/573");
        assert_eq!(content_range(50, 1, None), "50-50/*");
        assert_eq!(content_range(0, 0, Some(0)), "*/0");
    }
}
