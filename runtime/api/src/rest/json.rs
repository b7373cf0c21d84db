//! A strict JSON reader for bodies: duplicate keys, deep nesting and oversize are refused before anything is built on
//! them, and numbers keep every digit.

use serde_json::{Map, Number, Value as Json};

use crate::error_code::ErrorCode;
use crate::problem::Problem;

pub const MAX_BODY: usize = 16 * 1024 * 1024;
const MAX_DEPTH: usize = 32;
/// Longest number: more digits than any column holds.
const MAX_NUMBER: usize = 64;

pub fn read(bytes: &[u8]) -> Result<Json, Problem> {
    if bytes.len() > MAX_BODY {
        return Err(Problem::new(ErrorCode::BodyTooLarge).with("limit", MAX_BODY));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| invalid("The body is not UTF-8", error.valid_up_to()))?;
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.spaces();
    if reader.at == text.len() { Ok(value) } else { Err(reader.refuse("Nothing more expected")) }
}

fn invalid(reason: &str, at: usize) -> Problem {
    Problem::new(ErrorCode::InvalidJson).with("reason", reason).with("at", at)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn refuse(&self, reason: &str) -> Problem {
        invalid(reason, self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Problem> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.refuse(&format!("Expected `{}`", char::from(byte))))
    }

    fn value(&mut self, depth: usize) -> Result<Json, Problem> {
        self.spaces();
        match self.peek() {
            Some(b'{' | b'[') if depth == MAX_DEPTH => Err(self.refuse("More than 32 levels of nesting")),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, Problem> {
        self.at += 1;
        let mut map = Map::new();
        self.spaces();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(map.into());
        }
        loop {
            self.spaces();
            let start = self.at;
            let key = self.string()?;
            self.spaces();
            self.expect(b':')?;
            let value = self.value(depth)?;
            if map.insert(key, value).is_some() {
                return Err(invalid("The key appears twice", start));
            }
            self.spaces();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(map.into());
                }
                _ => return Err(self.refuse("Expected `,` or `}`")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, Problem> {
        self.at += 1;
        let mut items = Vec::new();
        self.spaces();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(items.into());
        }
        loop {
            items.push(self.value(depth)?);
            self.spaces();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(items.into());
                }
                _ => return Err(self.refuse("Expected `,` or `]`")),
            }
        }
    }

    /// Finds the end of the string; the escapes inside are serde's business.
    fn string(&mut self) -> Result<String, Problem> {
        if self.peek() != Some(b'"') {
            return Err(self.refuse("Expected a string"));
        }
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
                None => return Err(self.refuse("The string is not closed")),
            }
        }
        let literal = self.text.get(start..=end).ok_or_else(|| self.refuse("The string is not closed"))?;
        let string = serde_json::from_str(literal).map_err(|_| self.refuse("The string is not well-formed"))?;
        self.at = end + 1;
        Ok(string)
    }

    fn number(&mut self) -> Result<Json, Problem> {
        let rest = &self.text[self.at..];
        let is_part = |c: char| matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E');
        let literal = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        let parsed = (literal.len() <= MAX_NUMBER).then(|| literal.parse::<Number>().ok()).flatten();
        let number = parsed.ok_or_else(|| self.refuse("The number is not well-formed"))?;
        self.at += literal.len();
        Ok(number.into())
    }

    fn word(&mut self) -> Result<Json, Problem> {
        let words = [("true", Json::Bool(true)), ("false", Json::Bool(false)), ("null", Json::Null)];
        let found = words.into_iter().find(|(word, _)| self.text[self.at..].starts_with(word));
        let (word, value) = found.ok_or_else(|| self.refuse("Expected a JSON value"))?;
        self.at += word.len();
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trellis_metadata::label::Locale;

    #[test]
    fn well_formed_bodies_keep_every_digit() {
        let rows = [
            ("null", "null"),
            (" [1, 2.50, -0.1e3] ", "[1,2.50,-0.1e+3]"),
            ("12345678901234567890.123456789", "12345678901234567890.123456789"),
            (r#"{"a":"\u00e9\n\"","b":{"c":[]}}"#, "{\"a\":\"é\\n\\\"\",\"b\":{\"c\":[]}}"),
            (r#"{"$serde_json::private::Number":"1"}"#, r#"{"$serde_json::private::Number":"1"}"#),
        ];
        for (body, printed) in rows {
            assert_eq!(read(body.as_bytes()).unwrap().to_string(), printed);
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_place() {
        let deep = "[".repeat(10_000);
        let rows = [
            ("", "Expected a JSON value, at byte 0."),
            ("{\"a\":1,\"a\":2}", "The key appears twice, at byte 7."),
            ("{\"a\":1,\"\\u0061\":2}", "The key appears twice, at byte 7."),
            (deep.as_str(), "More than 32 levels of nesting, at byte 32."),
            ("[1,]", "Expected a JSON value, at byte 3."),
            ("[1 2]", "Expected `,` or `]`, at byte 3."),
            ("{a:1}", "Expected a string, at byte 1."),
            ("\"abc", "The string is not closed, at byte 0."),
            ("\"abc\\", "The string is not closed, at byte 0."),
            ("\"\\x\"", "The string is not well-formed, at byte 0."),
            ("\"é\\", "The string is not closed, at byte 0."),
            ("01", "The number is not well-formed, at byte 0."),
            ("nul", "Expected a JSON value, at byte 0."),
            ("{} x", "Nothing more expected, at byte 3."),
        ];
        for (body, text) in rows {
            assert_eq!(read(body.as_bytes()).unwrap_err().text(Locale::En), text, "{body:.40}");
        }
        assert_eq!(read(b"\"\xff\"").unwrap_err().text(Locale::En), "The body is not UTF-8, at byte 1.");
    }
}
