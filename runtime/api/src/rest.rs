//! The record API: PostgREST's query grammar in, rows out.

mod batch;
mod body;
mod conflict;
mod cursor;
mod grammar;
mod json;
mod lower;
mod names;
mod paging;
mod parse;
mod past;
mod query_string;
mod render;
mod totals;
mod transfer;
mod value;

pub use batch::{Action, MAX_OPERATIONS, Operation, parse_batch};
pub use body::{BodyOptions, Intent, MAX_RECORDS, Records, parse_changes, parse_records};
pub use cursor::{CursorBinding, CursorContext, CursorKey};
pub use json::MAX_BODY;
pub use parse::{ListOptions, ListQuery, WriteQuery, parse_select, parse_totals, parse_write};
pub use past::{HistoryQuery, MAX_VERSIONS, parse_history, refuse_parameters};
pub use query_string::Asking;
pub use render::{CsvWriter, RecordWriter, Shape, content_range, negotiate, write_text};
pub use transfer::{
    EventsQuery, ExportFormat, ExportQuery, Exporting, ImportQuery, Resolution, parse_events, parse_export,
    parse_import, parse_wait,
};
