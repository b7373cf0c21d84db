//! Stage 3: sequences. A pattern becomes its parts.

use super::catalog::{Catalog, Item};
use super::findings::Findings;
use crate::document::sequence;
use crate::snapshot::{Sequence, SequencePart, SequenceReset};

/// Widest padding; a 64-bit count has no more digits.
const MAX_WIDTH: usize = 18;

pub fn resolve(catalog: &Catalog<'_>, findings: &mut Findings) -> Vec<Sequence> {
    catalog.sequences.iter().map(|item| resolve_one(item, findings)).collect()
}

fn resolve_one(item: &Item<'_, sequence::Sequence>, findings: &mut Findings) -> Sequence {
    let pattern = parse_pattern(&item.body.pattern).unwrap_or_else(|message| {
        findings
            .error(item.document, "/pattern", "invalid_pattern", message)
            .help("a pattern is text with {yyyy}, {MM}, {dd} and one {seq} or {seq:6}");
        Vec::new()
    });
    let reset = match item.body.reset {
        None | Some(sequence::Reset::Never) => SequenceReset::Never,
        Some(sequence::Reset::Year) => SequenceReset::Year,
        Some(sequence::Reset::Month) => SequenceReset::Month,
        Some(sequence::Reset::Day) => SequenceReset::Day,
    };
    check_reset(item, &pattern, reset, findings);
    Sequence { name: item.document.name.clone(), pattern, reset, gapless: item.body.gapless }
}

fn parse_pattern(text: &str) -> Result<Vec<SequencePart>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        push_text(&mut parts, &rest[..open])?;
        let close = rest[open..].find('}').ok_or("a `{` is not closed")? + open;
        parts.push(parse_placeholder(&rest[open + 1..close])?);
        rest = &rest[close + 1..];
    }
    push_text(&mut parts, rest)?;
    let numbers = parts.iter().filter(|part| matches!(part, SequencePart::Number { .. })).count();
    if numbers == 1 {
        Ok(parts)
    } else {
        Err(format!("the pattern has {numbers} `{{seq}}` parts; it needs exactly one"))
    }
}

fn push_text(parts: &mut Vec<SequencePart>, text: &str) -> Result<(), String> {
    if text.contains('}') {
        return Err("a `}` is not opened".into());
    }
    if !text.is_empty() {
        parts.push(SequencePart::Text(text.to_owned()));
    }
    Ok(())
}

fn parse_placeholder(text: &str) -> Result<SequencePart, String> {
    match text {
        "yyyy" => Ok(SequencePart::Year),
        "MM" => Ok(SequencePart::Month),
        "dd" => Ok(SequencePart::Day),
        "seq" => Ok(SequencePart::Number { width: 1 }),
        other => {
            let width = other.strip_prefix("seq:").and_then(|width| width.parse().ok());
            let width = width.filter(|width| (1..=MAX_WIDTH).contains(width));
            width.map(|width| SequencePart::Number { width }).ok_or_else(|| format!("`{{{other}}}` is not known"))
        }
    }
}

/// Starting again without the period in the text would give the same number twice.
fn check_reset(
    item: &Item<'_, sequence::Sequence>,
    pattern: &[SequencePart],
    reset: SequenceReset,
    findings: &mut Findings,
) {
    let has = |part: &SequencePart| pattern.contains(part);
    let (year, month, day) = (has(&SequencePart::Year), has(&SequencePart::Month), has(&SequencePart::Day));
    let told = match reset {
        SequenceReset::Never => true,
        SequenceReset::Year => year,
        SequenceReset::Month => year && month,
        SequenceReset::Day => year && month && day,
    };
    if !told && !pattern.is_empty() {
        findings
            .error(
                item.document,
                "/reset",
                "ambiguous_reset",
                "the pattern does not show the period it starts again in",
            )
            .help("put {yyyy}, {MM} and {dd} into the pattern down to the reset period");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let text = |text: &str| SequencePart::Text(text.into());
        assert_eq!(
            parse_pattern("L{yyyy}-{seq:5}"),
            Ok(vec![text("L"), SequencePart::Year, text("-"), SequencePart::Number { width: 5 }])
        );
        for wrong in
            ["L", "{seq}{seq}", "{seq", "seq}{seq}", "{seq:0}", "{seq:99}", "{seq:x}", "{year}{seq}", "{}{seq}"]
        {
            assert!(parse_pattern(wrong).is_err(), "{wrong}");
        }
    }
}
