//! A file in a form: the one there is, a place to choose another, a box to take it away.
//!
//! The form carries the id of the file under the name of the field. What is chosen travels as `<name>._file`; the
//! server keeps it and puts its id in place of the former one, so that a refused form comes back with it.

use serde::Serialize;
use trellis_metadata::snapshot::{Camera, Field, FieldKind, FileRule, Object, Snapshot};
use uuid::Uuid;

use crate::catalogue::Message;
use crate::control::ControlSource;
use crate::format::Shown;
use crate::input::part_name;

/// Ends the name under which a chosen file is sent.
const FILE: &str = "_file";
/// Ends the name of the box that takes the file away.
const REMOVE: &str = "_remove";

#[derive(Clone, Debug, Serialize)]
pub struct FileControl {
    /// Of the file there is, empty when none.
    pub value: String,
    pub now: Option<Shown>,
    pub file_name: String,
    /// What browsers offer to choose from.
    pub accept: String,
    /// Phones open the camera.
    pub camera: bool,
    pub draws: bool,
    pub picture: bool,
    /// Nothing where it has to stay.
    pub remove_name: Option<String>,
    pub removed: bool,
}

impl FileControl {
    pub fn of(name: &str, source: ControlSource, rule: &FileRule) -> Self {
        let sent = source.input.and_then(|input| input.get(name));
        let value = sent.map_or_else(|| source.value.to_string(), str::to_owned);
        let id: Option<Uuid> = value.parse().ok();
        let remove_name = part_name(name, REMOVE);
        let removed = source.input.and_then(|input| input.get(&remove_name)) == Some("true");
        Self {
            now: id.map(|id| source.site.file(source.field, id, source.labels)),
            file_name: part_name(name, FILE),
            accept: accept(rule),
            camera: rule.camera == Camera::Only,
            draws: matches!(source.field.kind, FieldKind::Signature(_)),
            picture: source.field.kind.is_picture(),
            remove_name: (id.is_some() && !source.required).then_some(remove_name),
            removed,
            value: if id.is_some() { value } else { String::new() },
        }
    }
}

/// `.jpg,.jpeg,.png`; of pictures the media types, by which phones know that a camera will do.
fn accept(rule: &FileRule) -> String {
    let pictures = rule.accept.iter().all(|media| media.is_image());
    let words: Vec<String> = if pictures {
        rule.accept.iter().map(|media| media.content_type().to_owned()).collect()
    } else {
        rule.accept.iter().flat_map(|media| media.extensions()).map(|ending| format!(".{ending}")).collect()
    };
    words.join(",")
}

/// What may be chosen, for people.
pub fn hint(source: ControlSource, rule: &FileRule) -> String {
    let names: Vec<&str> = rule.accept.iter().map(|media| media.name()).collect();
    source.site.fill(Message::FileHint, &[&names.join(", "), &megabytes(rule.max_bytes)])
}

fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// Of a name that a chosen file is sent under: the name of its control, and the object and field it is for.
pub fn chosen<'s>(snapshot: &'s Snapshot, object: &'s Object, sent: &str) -> Option<(String, &'s Object, &'s Field)> {
    let name = sent.strip_suffix(FILE)?.strip_suffix('.')?;
    let (object, field) = place(snapshot, object, name)?;
    Some((name.to_owned(), object, field))
}

/// The field of files a control of this name is for.
pub fn place<'s>(snapshot: &'s Snapshot, object: &'s Object, name: &str) -> Option<(&'s Object, &'s Field)> {
    let parts: Vec<&str> = name.split('.').collect();
    let (object, field) = match parts.as_slice() {
        ["f", field] => (object, *field),
        ["c", collection, _, field] => (snapshot.object(object.collection(collection)?.object), *field),
        _ => return None,
    };
    let field = object.field_by_name(field)?;
    field.kind.file().map(|_| (object, field))
}

/// The pairs that put a file in the place of what the control held.
pub fn replacement(name: &str, file: Uuid) -> [(String, String); 2] {
    [(name.to_owned(), file.to_string()), (part_name(name, REMOVE), String::new())]
}

/// Whether the form takes the file of this control away.
pub fn is_removed(name: &str, input: &crate::FormInput) -> bool {
    input.get(&part_name(name, REMOVE)) == Some("true")
}
