//! Text to the parser crate's syntax tree, with positions. Only its parser is used, never its interpreter.

use cel::common::ast::{IdedExpr, SourceInfo};
use cel::parser::{ParseError, Parser};

use super::{ExpressionError, scan};

/// A parsed source: the tree and where its parts stand.
pub(super) struct Parsed<'s> {
    pub tree: IdedExpr,
    info: SourceInfo,
    source: &'s str,
}

impl Parsed<'_> {
    /// Characters from the start of the source: of the operator, of a call's name, of any other node's token.
    pub fn offset(&self, node: &IdedExpr) -> usize {
        let start = self.range(node).0;
        let before = self.source.get(..start).unwrap_or_default();
        // The parser says where a call's bracket is.
        let before = if self.source[before.len()..].starts_with('(') {
            before.trim_end().trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_')
        } else {
            before
        };
        before.chars().count()
    }

    /// The token the node was made from, digit for digit.
    pub fn token(&self, node: &IdedExpr) -> &str {
        let (start, stop) = self.range(node);
        self.source.get(start..=stop).unwrap_or_default()
    }

    /// First and last byte of the node's token.
    fn range(&self, node: &IdedExpr) -> (usize, usize) {
        self.info.offset_for(node.id).map_or((0, 0), |(start, stop)| (start as usize, stop as usize))
    }
}

pub(super) fn parse(source: &str) -> Result<Parsed<'_>, Vec<ExpressionError>> {
    scan::scan(source).map_err(|error| vec![error])?;
    match Parser::new().parse_with_source_info(source) {
        Ok((tree, info)) => Ok(Parsed { tree, info, source }),
        Err(found) => {
            let mut errors: Vec<ExpressionError> =
                found.errors.iter().map(|error| syntax_error(source, error)).collect();
            errors.dedup_by_key(|error| error.offset);
            Err(errors)
        }
    }
}

fn syntax_error(source: &str, error: &ParseError) -> ExpressionError {
    let (line, column) = (error.pos.0.max(1) as usize, error.pos.1.max(1) as usize);
    let before: usize = source.split_inclusive('\n').take(line - 1).map(|line| line.chars().count()).sum();
    let offset = (before + column - 1).min(source.chars().count());
    let message = match error.msg.strip_prefix("Syntax error: ") {
        None => format!("The expression cannot be read: {}", error.msg),
        Some(_) if source.trim().is_empty() => "The expression is empty".to_owned(),
        Some(_) => match source.chars().skip(offset).take_while(|c| !c.is_whitespace()).take(20).collect::<String>() {
            rest if rest.is_empty() => "The expression ends too early".to_owned(),
            rest => format!("The expression cannot be read from `{rest}` on"),
        },
    };
    let help = Some("write it like `record.amount > 100 && record.status == 'open'`".to_owned());
    ExpressionError { code: "expression_syntax", message, help, offset }
}
