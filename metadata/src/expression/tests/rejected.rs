//! What is refused, with which code, where, and with which way out.

use super::fixture::{compiled, objects, scope};
use crate::expression::{Scope, Type, compile, lower};

/// Source with `^` before the place of each finding, then code and a part of the help for each.
type Row = (&'static str, &'static [(&'static str, &'static str)]);

const REFUSED: &[Row] = &[
    // Names
    ("record.^amout > 1", &[("unknown_field", "`amount`")]),
    ("record.borrower.^nam == 'x'", &[("unknown_field", "`name`")]),
    ("record.amount.^cents > 1", &[("unknown_field", "")]),
    ("record.^zzzzzzzz > 1", &[("unknown_field", "")]),
    ("^amount > 1", &[("unknown_name", "`record.amount`")]),
    ("^draft == record.status", &[("unknown_name", "quotes")]),
    ("^record == 1", &[("type_mismatch", "pick a field")]),
    ("^record", &[("type_mismatch", "record.<field>")]),
    ("^actor == null", &[("type_mismatch", "actor.id")]),
    ("actor.^phone == 'x'", &[("unknown_field", "email")]),
    ("actor.^id.x == null", &[("unknown_field", "")]),
    ("^record.borrower.manager.manager.name == 'x'", &[("too_many_lookups", "formula")]),
    ("text(1)^.x == 'a'", &[("type_mismatch", "record.<field>")]),
    ("'单据😀' == record.^nam", &[("unknown_field", "`name`")]),
    // All findings at once
    (
        "record.^amout > 1 && record.^statu == 'x' || ^foo(record.^nam)",
        &[
            ("unknown_field", "amount"),
            ("unknown_field", "status"),
            ("unknown_function", ""),
            ("unknown_field", "name"),
        ],
    ),
    // Types
    ("record.amount == ^'5'", &[("type_mismatch", "without quotes")]),
    ("record.name > ^5", &[("type_mismatch", "decimal(")]),
    ("record.borrower == ^'ann'", &[("type_mismatch", "record id")]),
    ("'ann' != ^record.borrower", &[("type_mismatch", "record id")]),
    ("record.borrower == ^record.name", &[("type_mismatch", "record id")]),
    ("record.borrower in [^'ann']", &[("type_mismatch", "record id")]),
    ("record.borrower ^< actor.id", &[("type_mismatch", "==")]),
    ("record.flag ^>= true", &[("type_mismatch", "==")]),
    ("record.amount ^> null", &[("type_mismatch", "== null")]),
    ("record.seen_at > ^today()", &[("type_mismatch", "date(")]),
    ("record.from_on == ^'2026-02-30'", &[("invalid_literal", "2026-01-31")]),
    ("record.from_on == ^'2026-2-3'", &[("invalid_literal", "2026-01-31")]),
    ("record.seen_at == ^'2026-02-03'", &[("invalid_literal", "T")]),
    ("record.opens == ^'25:00'", &[("invalid_literal", "08:00")]),
    ("^date('soon') == today()", &[("invalid_literal", "2026-01-31")]),
    ("^decimal('1,5') > 1", &[("invalid_literal", "1000.50")]),
    ("record.name ^+ 1 == 'x'", &[("type_mismatch", "text(")]),
    ("record.flag ^* 2 == 2", &[("type_mismatch", "")]),
    ("record.amount ^% 2 == 0", &[("type_mismatch", "whole")]),
    ("record.seen_at ^- record.seen_at == 0", &[("type_mismatch", "date(")]),
    ("^-record.name == 'x'", &[("type_mismatch", "")]),
    ("^record.amount && true", &[("type_mismatch", "compare")]),
    ("!^record.name", &[("type_mismatch", "compare")]),
    ("record.flag ? 1 : ^'x'", &[("type_mismatch", "")]),
    ("coalesce(record.amount, ^'none') == 1", &[("type_mismatch", "")]),
    ("min(^record.flag, true)", &[("type_mismatch", "")]),
    ("record.tags == ^'hot'", &[("type_mismatch", "in record")]),
    ("^record.tags.contains('hot')", &[("type_mismatch", "in record")]),
    ("'hot' in ^record.name", &[("type_mismatch", "multi_choice")]),
    // Options
    ("record.status == ^'lendt'", &[("unknown_option", "`lent`")]),
    ("^'xyzzy' != record.status", &[("unknown_option", "draft, submitted, lent")]),
    ("record.status in ['draft', ^'drafts']", &[("unknown_option", "`draft`")]),
    ("^'cold' in record.tags", &[("unknown_option", "")]),
    ("(record.flag ? record.status : 'draft') == ^'lend'", &[("unknown_option", "`lent`")]),
    ("record.tags == ^['new', 'old']", &[("unknown_option", "")]),
    // Functions
    ("^dayz_between(record.from_on, record.to_on)", &[("unknown_function", "`days_between`")]),
    ("^days_between(record.from_on)", &[("wrong_arguments", "days_between(a date, a date)")]),
    ("days_between(record.from_on, ^record.seen_at)", &[("type_mismatch", "date(")]),
    ("^today(1)", &[("wrong_arguments", "today()")]),
    ("record.name.matches(^record.code)", &[("wrong_arguments", "[A-Z]")]),
    ("record.name.matches(^'(')", &[("invalid_pattern", "")]),
    ("record.name.matches(^'(a{1000}){1000}')", &[("invalid_pattern", "short")]),
    ("record.name.matches(^'(?=a)')", &[("invalid_pattern", "look-around")]),
    ("actor.has_role(^record.name)", &[("wrong_arguments", "accountant")]),
    ("actor.has_role(^'No such')", &[("wrong_arguments", "accountant")]),
    ("record.^has_role('x')", &[("wrong_arguments", "actor")]),
    // Not part of the language
    ("[1, 2].^exists(x, x > 1)", &[("not_supported", "rollup")]),
    ("record.tags^[0] == 'new'", &[("not_supported", "in list")]),
    ("^{'a': 1}", &[("not_supported", "")]),
    ("^5u", &[("not_supported", "without `u`")]),
    ("^b'x'", &[("expression_syntax", "")]),
    ("^'''x'''", &[("expression_syntax", "")]),
    ("^0.12345678901234567890123456789", &[("invalid_literal", "28")]),
    ("1 + ^'abc", &[("expression_syntax", "end it")]),
    ("record.amount > ^", &[("expression_syntax", "")]),
    ("单 ^", &[("expression_syntax", "")]),
];

#[test]
fn says_what_where_and_how_to_fix_it() {
    for (marked, expected) in REFUSED {
        let mut offsets = Vec::new();
        let mut source = String::new();
        for c in marked.chars() {
            if c == '^' { offsets.push(source.chars().count()) } else { source.push(c) }
        }
        let errors = compiled(&source).expect_err(&source);
        if errors[0].code == "expression_syntax" {
            assert_eq!(expected[0].0, "expression_syntax", "{source}: {errors:?}");
            continue;
        }
        let found: Vec<_> = errors.iter().map(|error| (error.code, error.offset)).collect();
        let wanted: Vec<_> = expected.iter().map(|(code, _)| *code).zip(offsets).collect();
        assert_eq!(found, wanted, "{source}: {errors:?}");
        for (error, (_, help)) in errors.iter().zip(*expected) {
            let shown = error.help.as_deref().unwrap_or_default();
            assert!(shown.contains(help), "{source}: `{shown}` lacks `{help}`");
        }
    }
}

#[test]
fn syntax_errors_stand_where_they_are_in_characters() {
    for (source, offset) in [
        ("'单据😀' == == 1", 9),
        ("'单据😀' == #", 9),
        ("1 ==\n  '单据' ] 2", 12),
        ("record.amount >", 15),
        ("'单据😀", 0),
        ("", 0),
    ] {
        let errors = compiled(source).expect_err(source);
        assert_eq!((errors[0].code, errors[0].offset), ("expression_syntax", offset), "{source}: {errors:?}");
    }
}

#[test]
fn each_place_allows_what_it_can_answer() {
    let objects = objects();
    let all = scope(&objects);
    for (source, narrow) in [
        ("previous.amount > 1", Scope { previous: false, ..all }),
        ("previous == null", Scope { previous: false, ..all }),
        ("has(previous.amount)", Scope { previous: false, ..all }),
        ("record.from_on < today()", Scope { volatile: false, ..all }),
        ("record.seen_at < now()", Scope { volatile: false, ..all }),
        ("record.borrower == actor.id", Scope { volatile: false, ..all }),
        ("actor.has_role('clerk')", Scope { volatile: false, ..all }),
        ("record.borrower.name == 'x'", Scope { max_hops: 0, ..all }),
    ] {
        assert!(compile(source, &all, Some(Type::Boolean)).is_ok(), "{source}");
        let errors = compile(source, &narrow, Some(Type::Boolean)).expect_err(source);
        assert!(matches!(errors[0].code, "not_allowed_here" | "too_many_lookups"), "{source}: {errors:?}");
        assert_eq!(errors.len(), 1, "{source}: {errors:?}");
    }
}

#[test]
fn the_result_fits_the_place() {
    let objects = objects();
    for (source, expected, fits) in [
        ("record.quantity", Type::Decimal, true),
        ("record.amount", Type::Integer, false),
        ("round(record.amount)", Type::Integer, true),
        ("record.amount", Type::Boolean, false),
        ("record.flag", Type::Boolean, true),
        ("null", Type::Date, true),
        ("'2026-01-31'", Type::Date, true),
        ("'2026-13-31'", Type::Date, false),
        ("record.quantity", Type::Text, false),
        ("actor.id", Type::Id, true),
        ("'ann'", Type::Id, false),
    ] {
        let result = compile(source, &scope(&objects), Some(expected));
        assert_eq!(result.is_ok(), fits, "{source} as {expected:?}: {result:?}");
        if let Ok(expression) = result {
            assert!(matches!(expression.result, kind if kind == expected || kind == Type::Any), "{source}");
        }
    }
}

#[test]
fn rows_are_selected_only_by_what_databases_can_answer() {
    let objects = objects();
    for (source, selectable) in [
        ("record.status in ['submitted', 'lent']", true),
        ("record.borrower == actor.id && record.status == 'draft'", true),
        ("record.borrower.manager == actor.id", true),
        ("record.amount > decimal('1000')", true),
        ("record.to_on < today()", true),
        ("record.from_on > add_days('2026-01-01', 30)", true),
        ("coalesce(record.amount, 0) <= 5", true),
        ("coalesce(record.flag, false)", true),
        ("actor.has_role('clerk') || record.flag", true),
        ("record.flag ? record.amount > 1 : record.price > 1", true),
        ("(record.amount > 1) == false", true),
        ("record.name.starts_with('a%_\\\\')", true),
        ("!('hot' in record.tags)", true),
        ("record != null", true),
        ("null", true),
        ("record.amount * 2 > 5", false),
        ("record.amount + record.price > 5", false),
        ("days_between(record.from_on, record.to_on) > 5", false),
        ("record.name.lower() == 'x'", false),
        ("record.name.contains(record.code)", false),
        ("record.name.matches('x')", false),
        ("record.name in record.tags", false),
        ("record.tags == ['hot']", false),
        ("(record.amount > 1) == (record.price > 1)", false),
        ("previous.amount > 1", false),
        ("previous == null", false),
        ("distance_m(record.place, record.depot) < 100", false),
    ] {
        let expression = compiled(source).expect(source);
        match lower(&expression, &scope(&objects)) {
            Ok(predicate) => assert!(selectable, "{source}: {predicate:?}"),
            Err(error) => {
                assert!(!selectable, "{source}: {error:?}");
                assert_eq!(error.code, "not_selectable");
                assert!(error.help.is_some(), "{source}");
            }
        }
    }
}
