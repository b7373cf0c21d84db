//! Formatted text as HTML. What is written is cleaned by an allow-list before it is stored, so that every reader of
//! the record gets harmless HTML.
//!
//! This is the one type whose input is mended: an editor's HTML always holds something nobody typed.

use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Control, InputError, Operator, expect_text, long_text, operator, text};
use crate::column::ColumnKind;
use crate::snapshot::TextRule;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Text;
pub const OPERATORS: &[Operator] = operator::SEARCH;
pub const CONTROL: Control = Control::RichText;

/// Longest HTML where the document sets no limit.
const DEFAULT_MAX_LENGTH: u32 = 20_000;

/// Styling tags (`<b>`, `<font>` …) with attributes that one text may hold: the reader repeats each open one in every
/// block that follows, so their number bounds what reading costs.
const MAX_STYLED: usize = 50;

/// Headings start at the third level: the first two are the page's own.
const TAGS: [&str; 31] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::empty();
    cleaner
        .tags(TAGS.into())
        .clean_content_tags(["script", "style", "template"].into())
        .tag_attributes([("a", ["href", "title"].into())].into())
        .url_schemes(SCHEMES.into())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    cleaner
});

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RichText {
    /// In characters of HTML; 20,000 unless said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100_000))]
    pub max_length: Option<u32>,
}

impl RichText {
    pub fn rule(&self) -> TextRule {
        TextRule { max_length: Some(self.max_length.unwrap_or(DEFAULT_MAX_LENGTH)), pattern: None }
    }
}

/// Length counts before cleaning, which bounds its cost, and after it.
pub fn check(rule: &TextRule, input: &Json) -> Result<Value, InputError> {
    let given = expect_text(input)?;
    long_text::check(rule, input)?;
    if styled_tags(given) > MAX_STYLED {
        return Err(InputError::bad_format("rich_text"));
    }
    text::check_rule(rule, &SafeHtml::clean(given).0)
}

/// HTML of which nothing can run, load or leave its place: made by the cleaner alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SafeHtml(String);

impl SafeHtml {
    pub fn clean(html: &str) -> Self {
        Self(CLEANER.clean(html).to_string())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a reader sees of it, on one line.
    pub fn plain_text(&self) -> String {
        let mut words = String::with_capacity(self.0.len());
        let mut rest = self.0.as_str();
        while let Some((before, tag_on)) = rest.split_once('<') {
            words.push_str(before);
            let end = tag_end(tag_on);
            if !is_inline(&tag_on[..end]) {
                words.push(' ');
            }
            rest = tag_on.get(end + 1..).unwrap_or_default();
        }
        words.push_str(rest);
        let words: Vec<&str> = words.split_whitespace().collect();
        // `&amp;` last: what it stands for is no entity.
        let text = words.join(" ").replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", "\u{a0}");
        text.replace("&quot;", "\"").replace("&amp;", "&")
    }
}

/// Where the tag closes; a quoted attribute may hold `>`.
fn tag_end(tag: &str) -> usize {
    let mut quoted = false;
    let closes = |byte: u8| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    };
    tag.bytes().position(closes).unwrap_or(tag.len())
}

/// Tags inside a word: no space in their place.
fn is_inline(tag: &str) -> bool {
    let name = tag.trim_start_matches('/').split([' ', '>']).next().unwrap_or_default();
    matches!(name, "a" | "b" | "code" | "del" | "em" | "i" | "ins" | "s" | "strong" | "sub" | "sup" | "u")
}

fn styled_tags(html: &str) -> usize {
    const STYLING: [&str; 13] =
        ["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
    let has_attributes = |tag: &&str| {
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        STYLING.iter().any(|name| name.eq_ignore_ascii_case(&tag[..end])) && !tag[end..].starts_with('>')
    };
    html.split('<').skip(1).filter(has_attributes).count()
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::RichText(RichText { max_length: Some(200) }.rule()), COLUMN);
        let link =
            "\"<a href=\\\"https://example.com/?a=1&amp;b=2\\\" rel=\\\"noopener noreferrer nofollow\\\">x</a>\"";
        check_json(
            &field,
            &[
                ("\"<p>Hi <b>there</b></p>\"", "\"<p>Hi <b>there</b></p>\""),
                ("\"a < b & c\"", "\"a &lt; b &amp; c\""),
                ("\"<script>alert(1)</script>x\"", "\"x\""),
                ("\"<p onclick=alert(1) style=color:red class=k>x</p>\"", "\"<p>x</p>\""),
                ("\"<img src=x onerror=alert(1)>x\"", "\"x\""),
                ("\"<svg><style><img src=x onerror=alert(1)></style></svg>\"", "\"\""),
                ("\"<a href='javascript:alert(1)'>x</a>\"", "\"<a rel=\\\"noopener noreferrer nofollow\\\">x</a>\""),
                ("\"<a href=/t/demo/app>x</a>\"", "\"<a rel=\\\"noopener noreferrer nofollow\\\">x</a>\""),
                ("\"<a href='https://example.com/?a=1&b=2' target=_blank>x</a>\"", link),
                ("\"<h1>Top</h1><h3>Next</h3>\"", "\"Top<h3>Next</h3>\""),
                ("\"<!-- note --><form><input name=q></form>x\"", "\"x\""),
                ("\"<b>not closed\"", "\"<b>not closed</b>\""),
                ("\"a\\u0000\"", "!bad_character"),
                ("7", "!wrong_type"),
            ],
        );
        let long = format!("\"{}\"", "x".repeat(201));
        let grows = format!("\"{}\"", "&".repeat(60));
        check_json(&field, &[(&long, "!too_long"), (&grows, "!too_long")]);
    }

    #[test]
    fn what_costs_too_much_is_refused() {
        let rule = RichText { max_length: Some(100_000) }.rule();
        let styled: String = (0..60).map(|n| format!("<b class={n}>")).collect();
        assert_eq!(check(&rule, &Json::from(styled)).unwrap_err().code, "bad_format");
        let deep = "<blockquote>".repeat(3_000);
        assert!(check(&rule, &Json::from(deep)).is_ok());
    }

    #[test]
    fn plain_text_is_what_is_seen() {
        let rows = [
            ("<p>One <b>t</b>wo</p><p>three</p>", "One two three"),
            ("<ul><li>a</li><li>b</li></ul>", "a b"),
            ("a &lt; b &amp;amp; c&nbsp;d", "a < b &amp; c\u{a0}d"),
            ("<a href=\"https://example.com/\" title=\"x > y\">link</a>", "link"),
            ("line<br>line", "line line"),
            ("", ""),
        ];
        for (html, plain) in rows {
            assert_eq!(SafeHtml::clean(html).plain_text(), plain, "{html}");
        }
    }
}
