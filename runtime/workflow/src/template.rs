//! Texts with `{{record.field}}` in them. A placeholder is a path of fields and nothing else: no logic, no inclusion, no
//! markup, so a text can neither run away nor reach what it does not name.

/// Bytes a finished text may have.
pub const MAX_BYTES: usize = 4_096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'t> {
    Text(&'t str),
    /// `loan_no` or `borrower.name`.
    Path(&'t str),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("a placeholder is not closed")]
    Open,
    #[error("`{0}` is not a field of the record")]
    NotAField(String),
    #[error("the text has more than {MAX_BYTES} bytes")]
    TooLong,
}

pub fn parts(template: &str) -> Result<Vec<Part<'_>>, Fault> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find("{{") {
        let inner = &rest[open + 2..];
        let close = inner.find("}}").ok_or(Fault::Open)?;
        let path = inner[..close].trim();
        let fields = path.strip_prefix("record.").ok_or_else(|| Fault::NotAField(path.to_owned()))?;
        parts.extend([Part::Text(&rest[..open]), Part::Path(fields)]);
        rest = &inner[close + 2..];
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

/// Fills the placeholders with what `value` says; `Ok(None)` from it: there is no such field.
pub fn render<E: From<Fault>>(
    template: &str,
    mut value: impl FnMut(&str) -> Result<Option<String>, E>,
) -> Result<String, E> {
    let mut out = String::new();
    for part in parts(template)? {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Path(path) => {
                out.push_str(&value(path)?.ok_or_else(|| Fault::NotAField(format!("record.{path}")))?);
            }
        }
        if out.len() > MAX_BYTES {
            return Err(Fault::TooLong.into());
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{Fault, MAX_BYTES, render};

    fn filled(template: &str) -> Result<String, Fault> {
        render(template, |path| {
            Ok(match path {
                "no" => Some("L-1".to_owned()),
                "borrower.name" => Some("{{record.no}} <b>".to_owned()),
                "long" => Some("x".repeat(MAX_BYTES)),
                _ => None,
            })
        })
    }

    #[test]
    fn placeholders_are_filled_once_and_literally() {
        let rows = [
            ("Loan {{record.no}}", Ok("Loan L-1")),
            ("{{ record.no }}{{record.no}}", Ok("L-1L-1")),
            ("", Ok("")),
            ("no {placeholder} }} here", Ok("no {placeholder} }} here")),
            ("{{record.borrower.name}}", Ok("{{record.no}} <b>")),
            ("{{record.no", Err(Fault::Open)),
            ("{{{record.no}}}", Err(Fault::NotAField("{record.no".into()))),
            ("{{#if record.no}}", Err(Fault::NotAField("#if record.no".into()))),
            ("{{> other}}", Err(Fault::NotAField("> other".into()))),
            ("{{record.gone}}", Err(Fault::NotAField("record.gone".into()))),
            ("{{record.long}}", Ok(&*"x".repeat(MAX_BYTES))),
            ("{{record.long}}.", Err(Fault::TooLong)),
        ];
        for (template, expected) in rows {
            assert_eq!(filled(template), expected.map(str::to_owned), "{template}");
        }
    }
}
