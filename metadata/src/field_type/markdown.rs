//! Formatted text as its author typed it, in CommonMark. It is stored as typed; only its picture is HTML, and that is
//! cleaned like rich text. HTML inside it is shown, not obeyed.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::rich_text::SafeHtml;
use super::{Control, InputError, Operator, long_text, operator};
use crate::column::ColumnKind;
use crate::snapshot::TextRule;
use crate::value::Value;

pub const COLUMN: ColumnKind = ColumnKind::Text;
pub const OPERATORS: &[Operator] = operator::SEARCH;
pub const CONTROL: Control = Control::Markdown;

/// Longest text where the document sets no limit.
const DEFAULT_MAX_LENGTH: u32 = 20_000;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Markdown {
    /// In characters; 20,000 unless said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100_000))]
    pub max_length: Option<u32>,
}

impl Markdown {
    pub fn rule(&self) -> TextRule {
        TextRule { max_length: Some(self.max_length.unwrap_or(DEFAULT_MAX_LENGTH)), pattern: None }
    }
}

pub fn check(rule: &TextRule, input: &Json) -> Result<Value, InputError> {
    long_text::check(rule, input)
}

/// The picture of the text.
pub fn to_html(text: &str) -> SafeHtml {
    let parser = Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES);
    let mut picture = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut picture, parser.map(tamed));
    SafeHtml::clean(&picture)
}

/// HTML becomes text, an image a link to it, and headings start below those of the page.
fn tamed(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        Event::Start(Tag::Heading { level, .. }) => {
            Event::Start(Tag::Heading { level: lowered(level), id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lowered(level))),
        other => other,
    }
}

fn lowered(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{check_json, field};
    use super::*;
    use crate::snapshot::FieldKind;

    #[test]
    fn rows() {
        let field = field(FieldKind::Markdown(Markdown { max_length: Some(9) }.rule()), COLUMN);
        check_json(
            &field,
            &[
                ("\"**a**\\n- b\"", "\"**a**\\n- b\""),
                ("\"<b>x</b>\"", "\"<b>x</b>\""),
                ("\"**abcdef**\"", "!too_long"),
                ("\"a\\u0000\"", "!bad_character"),
                ("[]", "!wrong_type"),
            ],
        );
    }

    #[test]
    fn pictures() {
        let link = "<p><a href=\"https://example.com/a.png\" rel=\"noopener noreferrer nofollow\">pic</a></p>\n";
        let rows = [
            ("# Top\n\nA *b* **c** ~~d~~", "<h3>Top</h3>\n<p>A <em>b</em> <strong>c</strong> <del>d</del></p>\n"),
            ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>\n"),
            ("[x](javascript:alert(1))", "<p><a rel=\"noopener noreferrer nofollow\">x</a></p>\n"),
            ("![pic](https://example.com/a.png)", link),
            (
                "|a|\n|-|\n|b|",
                "<table><thead><tr><th>a</th></tr></thead><tbody>\n<tr><td>b</td></tr>\n</tbody></table>\n",
            ),
        ];
        for (text, picture) in rows {
            assert_eq!(to_html(text).as_str(), picture, "{text}");
        }
    }
}
