//! A barcode as scanned: text whose digits, length and check digit suit the declared symbology.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Control, InputError, Operator, expect_text, operator, text_value};
use crate::column::ColumnKind;
use crate::snapshot::Symbology;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Text;
pub const OPERATORS: &[Operator] = operator::TEXT;
pub const CONTROL: Control = Control::Barcode;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Barcode {
    /// What is printed on the goods; `any` unless said. `ean13`, `ean8` and `upca` have their check digit verified.
    #[serde(default)]
    pub symbology: Option<SymbologyName>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Symbology")]
pub enum SymbologyName {
    Any,
    Ean13,
    Ean8,
    Upca,
    Code128,
    Qr,
}

impl Barcode {
    pub fn rule(&self) -> Symbology {
        match self.symbology {
            None | Some(SymbologyName::Any) => Symbology::Any,
            Some(SymbologyName::Ean13) => Symbology::Ean13,
            Some(SymbologyName::Ean8) => Symbology::Ean8,
            Some(SymbologyName::Upca) => Symbology::UpcA,
            Some(SymbologyName::Code128) => Symbology::Code128,
            Some(SymbologyName::Qr) => Symbology::Qr,
        }
    }
}

/// Characters a code of this kind may have at most.
pub fn max_length(symbology: Symbology) -> u32 {
    match symbology {
        Symbology::Any => 255,
        Symbology::Ean13 => 13,
        Symbology::Ean8 => 8,
        Symbology::UpcA => 12,
        Symbology::Code128 => 80,
        Symbology::Qr => 1_000,
    }
}

/// Digits only, a check digit last.
pub fn is_numeric(symbology: Symbology) -> bool {
    matches!(symbology, Symbology::Ean13 | Symbology::Ean8 | Symbology::UpcA)
}

pub fn check(symbology: Symbology, input: &Json) -> Result<Value, InputError> {
    let text = expect_text(input)?;
    let length = max_length(symbology);
    if is_numeric(symbology) {
        let good = text.len() == length as usize && has_check_digit(text);
        return if good { Ok(text_value(text)) } else { Err(InputError::bad_format(noun(symbology))) };
    }
    let allowed = |c: char| if symbology == Symbology::Code128 { (' '..='~').contains(&c) } else { !c.is_control() };
    if !text.chars().all(allowed) {
        return Err(InputError::new("bad_character"));
    }
    if text.chars().count() > length as usize {
        return Err(InputError::new("too_long").with("max", length));
    }
    if text.trim().is_empty() || text.trim() != text {
        return Err(InputError::bad_format("barcode"));
    }
    Ok(text_value(text))
}

fn noun(symbology: Symbology) -> &'static str {
    match symbology {
        Symbology::Ean13 => "ean13",
        Symbology::Ean8 => "ean8",
        Symbology::UpcA => "upca",
        Symbology::Any | Symbology::Code128 | Symbology::Qr => "barcode",
    }
}

/// All digits, and from the right, every second one threefold, they add up to a multiple of ten.
fn has_check_digit(text: &str) -> bool {
    let weighted = |(place, byte): (usize, u8)| u32::from(byte - b'0') * if place % 2 == 1 { 3 } else { 1 };
    text.bytes().all(|byte| byte.is_ascii_digit())
        && text.bytes().rev().enumerate().map(weighted).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let table: [(Symbology, &[(&str, &str)]); 6] = [
            (
                Symbology::Ean13,
                &[
                    ("\"6901028075763\"", "\"6901028075763\""),
                    ("\"4006381333931\"", "\"4006381333931\""),
                    ("\"4006381333932\"", "!bad_format"),
                    ("\"400638133393\"", "!bad_format"),
                    ("\"400638133393a\"", "!bad_format"),
                    ("\"４006381333931\"", "!bad_format"),
                    ("4006381333931", "!wrong_type"),
                ],
            ),
            (Symbology::Ean8, &[("\"73513537\"", "\"73513537\""), ("\"73513536\"", "!bad_format")]),
            (Symbology::UpcA, &[("\"036000291452\"", "\"036000291452\""), ("\"036000291453\"", "!bad_format")]),
            (
                Symbology::Code128,
                &[("\"LOT-42 a~\"", "\"LOT-42 a~\""), ("\"é\"", "!bad_character"), ("\" x\"", "!bad_format")],
            ),
            (
                Symbology::Qr,
                &[("\"https://example.com/箱?7\"", "\"https://example.com/箱?7\""), ("\"a\\nb\"", "!bad_character")],
            ),
            (Symbology::Any, &[("\"A1\"", "\"A1\""), ("\"\"", "!bad_format"), ("\"a\\u0000\"", "!bad_character")]),
        ];
        for (symbology, rows) in table {
            check_json(&field(FieldKind::Barcode(symbology), COLUMN), rows);
        }
        let long = format!("\"{}\"", "1".repeat(81));
        check_json(&field(FieldKind::Barcode(Symbology::Code128), COLUMN), &[(&long, "!too_long")]);
    }
}
