//! Texts made to break the parser: each must be answered, quickly and on a small stack.

use proptest::prelude::*;

use super::fixture::{compiled, objects, scope};
use crate::expression::{evaluate, lower};

fn hostile() -> Vec<String> {
    let times = |part: &str, count: usize| part.repeat(count);
    let mut texts = Vec::new();
    for count in [10, 30, 60, 64, 65, 500, 1_300, 4_000] {
        texts.extend([
            times("!", count) + "true",
            times("-", count) + "1",
            times("!-", count) + "1",
            times("- ", count) + "1",
            format!("a{}", times(".a", count)),
            format!("record{}", times(".borrower", count)),
            format!("record.borrower{}", times(".manager", count)),
            format!("1{}", times("+1", count)),
            format!("1{}", times("*1", count)),
            format!("1{}", times("<1", count)),
            format!("1{}", times(" in 1", count)),
            format!("true{}", times("&&true", count)),
            format!("true{}", times("||true&&false", count)),
            format!("{}1", times("true?1:", count)),
            format!("{}1{}", times("true?", count), times(":1", count)),
            format!("{}1{}", times("(", count), times(")", count)),
            format!("{}1{}", times("[", count), times("]", count)),
            format!("{}1{}", times("{1:", count), times("}", count)),
            format!("{}1{}", times("abs(", count), times(")", count)),
            format!("{}1{}", times("!(", count), times(")", count)),
            format!("{}1{}", times("-(", count), times(")", count)),
            format!("{}1{}", times("1+(", count), times(")", count)),
            format!("{}1{}", times("a.b(", count), times(")", count)),
            format!("a{}", times("()", count)),
            format!("a{}", times("[0]", count)),
            format!("a{}", times(".b()", count)),
            format!("a{}", times("{}", count)),
            format!("[{}]", times("1,", count)),
            times("(", count),
            times(")", count),
            times("[", count),
            times("{", count),
            times("?", count),
            times(":", count),
            times(".", count),
            times("a ", count),
            times("'", count),
            times("\"", count),
            times("`", count),
            times("/", count),
            times("\\", count),
            times("€", count),
            times("&", count),
            times("has(", count),
            times("[1].map(x,", count),
            times("1 ? ", count),
            times("(1 ? ", count),
            times("a{b:", count),
            times("1", count),
            format!("0.{}", times("1", count)),
            format!("0x{}", times("f", count)),
            format!("1e{count}"),
            format!("1e-{count}"),
        ]);
    }
    texts.extend(
        [
            "",
            " ",
            "\n",
            "\0",
            "\u{feff}1",
            "'\\",
            "'\\'",
            "'a\nb'",
            "'''a'''",
            "r'a\\'",
            "b'a'",
            "'\\ud800'",
            "// x",
            "1 // x",
        ]
        .map(str::to_owned),
    );
    texts
}

#[test]
fn every_text_is_answered_on_a_small_stack() {
    let small = std::thread::Builder::new().stack_size(1 << 20).spawn(|| {
        for text in hostile() {
            if let Err(errors) = compiled(&text) {
                assert!(!errors.is_empty(), "{text:.40}");
                for error in errors {
                    assert!(error.offset <= text.chars().count(), "{text:.40}: {error:?}");
                }
            }
        }
    });
    small.unwrap().join().unwrap();
}

#[test]
fn what_nests_within_the_limit_is_accepted() {
    for text in [
        format!("{}1{}", "(".repeat(40), ")".repeat(40)),
        format!("1{}", "+1".repeat(50)),
        format!("true{}", "&& record.amount > 1".repeat(80)),
        format!("{}1", "record.flag ? 1 : ".repeat(40)),
        format!("record.quantity in [{}1]", "1, ".repeat(300)),
    ] {
        assert!(compiled(&text).is_ok(), "{text:.60}: {:?}", compiled(&text));
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        answer(&text);
    }

    #[test]
    fn any_tokens_are_answered(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..30)) {
        answer(&tokens.join(" "));
        answer(&tokens.concat());
    }
}

const TOKENS: &[&str] = &[
    "record",
    "previous",
    "actor",
    ".",
    "amount",
    "status",
    "tags",
    "borrower",
    "name",
    "flag",
    "from_on",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    "?",
    ":",
    "+",
    "-",
    "*",
    "/",
    "%",
    "==",
    "!=",
    "<",
    "<=",
    "&&",
    "||",
    "!",
    "in",
    "null",
    "true",
    "1",
    "0",
    "1.5",
    "'draft'",
    "'x'",
    "\"",
    "'",
    "today()",
    "now()",
    "has",
    "size",
    "matches",
    "contains",
    "coalesce",
    "round",
    "date",
    "decimal",
    "text",
    "min",
    "record.amount",
    "record.flag",
    "record.status",
    "has(record.flag)",
];

fn answer(text: &str) {
    if let Ok(expression) = compiled(text) {
        let _ = evaluate(&expression, &super::fixture::Record::default());
        let objects = objects();
        let _ = lower(&expression, &scope(&objects));
    }
}
