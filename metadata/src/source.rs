//! JSON text as a tree whose every part knows its line and column.
//!
//! Stricter than JSON where silence would hide a mistake: a duplicate key is refused, and so is nesting or size that no
//! document needs. The text is scanned for depth before any recursive parser sees it. Knows nothing about documents.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

/// Largest document accepted.
pub const MAX_BYTES: usize = 1_048_576;
/// Duplicate keys reported at once.
const MAX_DUPLICATES: usize = 100;
/// Deepest nesting accepted.
pub const MAX_DEPTH: usize = 64;

/// One parsed text.
#[derive(Debug)]
pub struct Source {
    text: String,
    value: Value,
    places: OnceLock<HashMap<String, Place>>,
}

/// Where a part of the text begins; both 1-based, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// The value at a pointer and, inside an object, its key: byte offsets, since few of them are ever asked for as lines.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    value: usize,
    key: usize,
}

/// Why a text is not a document at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError {
    pub code: &'static str,
    pub message: String,
    pub position: Position,
    pub pointer: String,
}

impl Source {
    /// Bytes as a file holds them; what is not UTF-8 is refused at the first byte that is not.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<SourceError>> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::parse(text),
            Err(error) => Err(vec![encoding_error(bytes, error.valid_up_to())]),
        }
    }

    /// Every duplicate key is reported; the other mistakes end the parse.
    pub fn parse(text: &str) -> Result<Self, Vec<SourceError>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        check_size(text).and_then(|()| check_depth(text)).map_err(|error| vec![error])?;
        let value = serde_json::from_str(text).map_err(|error| vec![syntax_error(text, &error)])?;
        let duplicates = duplicate_keys(text);
        if duplicates.is_empty() {
            Ok(Self { text: text.to_owned(), value, places: OnceLock::new() })
        } else {
            Err(duplicates)
        }
    }

    pub fn value(&self) -> &Value {
        &self.value
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value at `pointer`, or the nearest part around it that was written.
    pub fn position(&self, pointer: &str) -> Position {
        Lines::new(&self.text).position(self.place(pointer).value)
    }

    /// The key that introduces `pointer`, or the value where there is no key.
    pub fn key_position(&self, pointer: &str) -> Position {
        Lines::new(&self.text).position(self.place(pointer).key)
    }

    fn place(&self, pointer: &str) -> Place {
        let places = self.places.get_or_init(|| collect_places(&self.text));
        let mut pointer = pointer;
        loop {
            if let Some(place) = places.get(pointer) {
                return *place;
            }
            match pointer.rfind('/') {
                Some(cut) => pointer = &pointer[..cut],
                None => return Place::default(),
            }
        }
    }
}

impl Position {
    const START: Position = Position { line: 1, column: 1 };
}

/// `pointer/key` with the two characters JSON Pointer escapes.
pub fn join_pointer(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn check_size(text: &str) -> Result<(), SourceError> {
    if text.len() <= MAX_BYTES {
        return Ok(());
    }
    let message = format!("the document has {} bytes; at most {MAX_BYTES} are accepted", text.len());
    Err(SourceError { code: "document_too_large", message, position: Position::START, pointer: String::new() })
}

/// Counts brackets outside strings without recursion, so that hostile nesting never reaches a recursive parser.
fn check_depth(text: &str) -> Result<(), SourceError> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut bytes = text.bytes().enumerate();
    while let Some((offset, byte)) = bytes.next() {
        match byte {
            b'\\' if in_string => drop(bytes.next()),
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > MAX_DEPTH {
                    let message = format!("the document nests deeper than {MAX_DEPTH} levels");
                    let position = Lines::new(text).position(offset);
                    return Err(SourceError { code: "too_deep", message, position, pointer: String::new() });
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Does the value nest deeper than a document may; for values that were parsed elsewhere.
pub fn is_too_deep(json: &Value) -> bool {
    fn within(json: &Value, levels: usize) -> bool {
        match json {
            Value::Array(items) => levels > 0 && items.iter().all(|item| within(item, levels - 1)),
            Value::Object(map) => levels > 0 && map.values().all(|item| within(item, levels - 1)),
            _ => true,
        }
    }
    !within(json, MAX_DEPTH)
}

fn encoding_error(bytes: &[u8], offset: usize) -> SourceError {
    let sound = std::str::from_utf8(&bytes[..offset]).unwrap_or_default();
    SourceError {
        code: "invalid_json",
        message: format!(
            "not valid JSON: the byte {:#04x} is not UTF-8; save the file in this encoding",
            bytes[offset]
        ),
        position: Lines::new(sound).position(offset),
        pointer: String::new(),
    }
}

fn syntax_error(text: &str, error: &serde_json::Error) -> SourceError {
    let lines = Lines::new(text);
    let offset = lines.offset(error.line(), error.column().saturating_sub(1));
    let full = error.to_string();
    let cause = full.split(" at line ").next().unwrap_or(&full);
    SourceError {
        code: "invalid_json",
        message: format!("not valid JSON: {cause}"),
        position: lines.position(offset),
        pointer: String::new(),
    }
}

/// Byte offsets of line starts, for turning an offset into line and column.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        Position { line, column: before.chars().count() + 1 }
    }

    /// The offset of a 1-based line and a byte within it, moved back to a character's start.
    fn offset(&self, line: usize, byte: usize) -> usize {
        let start = self.starts.get(line.max(1) - 1).copied().unwrap_or(self.text.len());
        let mut offset = (start + byte).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

fn syntax_tree(text: &str) -> Option<ast::Value<'_>> {
    let options = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        ..ParseOptions::default()
    };
    parse_to_ast(text, &CollectOptions::default(), &options).ok()?.value
}

fn duplicate_keys(text: &str) -> Vec<SourceError> {
    let mut found: Vec<(usize, String, String)> = Vec::new();
    if let Some(tree) = syntax_tree(text) {
        visit(&tree, "", &mut |pointer, object| {
            let mut seen = HashSet::new();
            for property in &object.properties {
                let key = property.name.as_str();
                if !seen.insert(key) && found.len() < MAX_DUPLICATES {
                    found.push((property.name.range().start, join_pointer(pointer, key), key.to_owned()));
                }
            }
        });
    }
    found.sort();
    let lines = Lines::new(text);
    let error = |(offset, pointer, key): (usize, String, String)| SourceError {
        code: "duplicate_key",
        message: format!("the key `{key}` is written twice in one object"),
        position: lines.position(offset),
        pointer,
    };
    found.into_iter().map(error).collect()
}

/// Calls `on_object` for every object; the depth is bounded by [`check_depth`].
fn visit<'a>(value: &ast::Value<'a>, pointer: &str, on_object: &mut impl FnMut(&str, &ast::Object<'a>)) {
    match value {
        ast::Value::Object(object) => {
            on_object(pointer, object);
            for property in &object.properties {
                visit(&property.value, &join_pointer(pointer, property.name.as_str()), on_object);
            }
        }
        ast::Value::Array(array) => {
            for (index, element) in array.elements.iter().enumerate() {
                visit(element, &format!("{pointer}/{index}"), on_object);
            }
        }
        _ => {}
    }
}

fn collect_places(text: &str) -> HashMap<String, Place> {
    let mut places = HashMap::new();
    if let Some(tree) = syntax_tree(text) {
        collect_place(&tree, String::new(), tree.range().start, &mut places);
    }
    places
}

fn collect_place(value: &ast::Value<'_>, pointer: String, key: usize, places: &mut HashMap<String, Place>) {
    match value {
        ast::Value::Object(object) => {
            for property in &object.properties {
                let pointer = join_pointer(&pointer, property.name.as_str());
                collect_place(&property.value, pointer, property.name.range().start, places);
            }
        }
        ast::Value::Array(array) => {
            for (index, element) in array.elements.iter().enumerate() {
                collect_place(element, format!("{pointer}/{index}"), element.range().start, places);
            }
        }
        _ => {}
    }
    places.insert(pointer, Place { value: value.range().start, key });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, usize, usize)]) {
        let found = Source::parse(text).err().unwrap_or_default();
        let found: Vec<_> = found.iter().map(|e| (e.code, e.position.line, e.position.column)).collect();
        assert_eq!(found, expected, "{}", &text[..text.len().min(80)]);
    }

    #[test]
    fn refuses_what_is_not_plain_json() {
        check("{\"a\": 1}", &[]);
        check("{\"a\": 1,}", &[("invalid_json", 1, 9)]);
        check("{\"a\": 1} // no", &[("invalid_json", 1, 10)]);
        check("{a: 1}", &[("invalid_json", 1, 2)]);
        check("{\"a\": '1'}", &[("invalid_json", 1, 7)]);
        check("{\"a\": 01}", &[("invalid_json", 1, 8)]);
        check("", &[("invalid_json", 1, 1)]);
        check("{\n  \"设备\": 1, x\n}", &[("invalid_json", 2, 12)]);
        check(
            "{\"a\": 1,\n \"b\": {\"c\": 1, \"c\": 2}, \"a\": 3}",
            &[("duplicate_key", 2, 16), ("duplicate_key", 2, 25)],
        );
    }

    #[test]
    fn refuses_what_is_not_utf_8_where_it_stands() {
        let found = Source::read(b"{\n  \"name\": \"\xe8\xae\xbe \xe9\"\n}").err().unwrap_or_default();
        let found: Vec<_> =
            found.iter().map(|error| (error.code, error.position.line, error.position.column)).collect();
        assert_eq!(found, [("invalid_json", 2, 14)]);
    }

    #[test]
    fn refuses_depth_and_size_before_parsing() {
        check(&"[".repeat(100_000), &[("too_deep", 1, 65)]);
        check(&format!("{}{}", "{\"a\":".repeat(200), "1"), &[("too_deep", 1, 321)]);
        check(&format!("{}1{}", "[".repeat(64), "]".repeat(64)), &[]);
        check(&format!("\"{}\"", "[".repeat(1000)), &[]);
        check(&format!("\"{}\"", "a".repeat(MAX_BYTES)), &[("document_too_large", 1, 1)]);
    }

    #[test]
    fn finds_keys_and_values() {
        let source = Source::parse("{\n  \"fields\": {\n    \"名\": [1, {\"a/b\": 2}]\n  }\n}").unwrap();
        let at = |line, column| Position { line, column };
        assert_eq!(source.position("/fields/名"), at(3, 10));
        assert_eq!(source.key_position("/fields/名"), at(3, 5));
        assert_eq!(source.position("/fields/名/1/a~1b"), at(3, 22));
        assert_eq!(source.key_position("/fields/名/1/a~1b"), at(3, 15));
        assert_eq!(source.position("/fields/名/missing/deep"), at(3, 10));
        assert_eq!(source.position(""), at(1, 1));
    }
}
