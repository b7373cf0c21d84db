//! Random conditions over random small records: the lowered condition answers exactly as the expression does.

use std::collections::HashMap;

use proptest::prelude::*;

use super::fixture::{LOAN, Record, compiled, objects, scope};
use crate::expression::{Type, evaluate, is_true, lower};
use crate::predicate::holds;
use crate::snapshot::FieldIndex;
use crate::value::Value;

const NUMBERS: &[&str] = &[
    "record.quantity",
    "record.count",
    "record.amount",
    "record.price",
    "record.borrower.limit_amount",
    "0",
    "1",
    "-1",
    "1.5",
    "2.00",
    "1 + 1",
    "coalesce(record.amount, 1)",
    "coalesce(record.quantity, record.price, 2)",
    "round(1.25, 1)",
];
const TEXTS: &[&str] = &[
    "record.name",
    "record.code",
    "record.borrower.name",
    "'a'",
    "'ab'",
    "''",
    "actor.name",
    "coalesce(record.name, 'a')",
    "'a' + 'b'",
];
const DATES: &[&str] = &[
    "record.from_on",
    "record.to_on",
    "date('2026-02-28')",
    "today()",
    "add_days('2026-02-27', 1)",
    "date('2026-02-27') + 2",
];
const OTHERS: &[&str] = &[
    "true",
    "false",
    "null",
    "record.flag",
    "has(record.name)",
    "record.amount == null",
    "record.borrower.name != null",
    "record.status == 'draft'",
    "record.status != 'lent'",
    "record.status in ['draft', 'lent']",
    "record.status in []",
    "record.quantity in [1, record.count]",
    "record.quantity in [1, null]",
    "record.amount in [0, 1.50]",
    "'new' in record.tags",
    "!('hot' in record.tags)",
    "record.borrower == actor.id",
    "record.borrower != actor.id",
    "record.borrower == actor.unit",
    "record.borrower.manager == actor.id",
    "record.name.contains('a')",
    "record.name.startsWith('a')",
    "record.code.ends_with('%')",
    "record.borrower.name.contains('_')",
    "actor.has_role('clerk')",
    "actor.has_role('chief')",
    "coalesce(record.flag, true)",
    "coalesce(record.flag, record.amount > 1)",
    "record.flag == true",
    "record.flag != record.flag",
    "record != null",
    "(1 > 2) == null",
];

fn compared(sides: &'static [&'static str]) -> impl Strategy<Value = String> {
    let side = || prop::sample::select(sides);
    (side(), prop::sample::select(&["==", "!=", "<", "<=", ">", ">="][..]), side())
        .prop_map(|(a, op, b)| format!("{a} {op} {b}"))
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        compared(NUMBERS),
        compared(TEXTS),
        compared(DATES),
        prop::sample::select(OTHERS).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let two = || (inner.clone(), inner.clone());
        prop_oneof![
            inner.clone().prop_map(|a| format!("!({a})")),
            two().prop_map(|(a, b)| format!("({a}) && ({b})")),
            two().prop_map(|(a, b)| format!("({a}) || ({b})")),
            (two(), inner.clone()).prop_map(|((a, b), c)| format!("(({a}) ? ({b}) : ({c}))")),
            inner.clone().prop_map(|a| format!("({a}) == true")),
            inner.prop_map(|a| format!("({a}) != true")),
        ]
    })
}

fn value(kind: Type) -> BoxedStrategy<Value> {
    let date = |text: &str| Value::Date(text.parse().unwrap());
    let list = |codes: &[&str]| Value::List(codes.iter().map(Value::text).collect());
    let values = match kind {
        Type::Integer => vec![Value::Integer(0), Value::Integer(1), Value::Integer(2)],
        Type::Decimal => ["0.00", "1.00", "1.50", "2"].map(|text| Value::Decimal(text.parse().unwrap())).into(),
        Type::Text => ["", "a", "ab", "A%", "_", "Ann"].map(Value::text).into(),
        Type::Boolean => vec![Value::Boolean(true), Value::Boolean(false)],
        Type::Date => ["2026-02-27", "2026-02-28", "2026-03-01"].map(date).into(),
        Type::List => vec![list(&[]), list(&["new"]), list(&["new", "hot"])],
        _ => vec![Record::id(1), Record::id(2)],
    };
    prop_oneof![1 => Just(Value::Null), 3 => prop::sample::select(values)].boxed()
}

fn record() -> impl Strategy<Value = Record> {
    let paths: Vec<(&[&str], Type)> = vec![
        (&["name"], Type::Text),
        (&["code"], Type::Text),
        (&["quantity"], Type::Integer),
        (&["count"], Type::Integer),
        (&["amount"], Type::Decimal),
        (&["price"], Type::Decimal),
        (&["flag"], Type::Boolean),
        (&["from_on"], Type::Date),
        (&["to_on"], Type::Date),
        (&["tags"], Type::List),
        (&["borrower"], Type::Id),
        (&["borrower", "name"], Type::Text),
        (&["borrower", "manager"], Type::Id),
        (&["borrower", "limit_amount"], Type::Decimal),
    ];
    let steps: Vec<Vec<FieldIndex>> = paths.iter().map(|(names, _)| steps(names)).collect();
    let status = prop::sample::select(vec![Value::Null, "draft".into(), "submitted".into(), "lent".into()]);
    let values: Vec<BoxedStrategy<Value>> = paths.iter().map(|(_, kind)| value(*kind)).collect();
    (values, status, any::<bool>()).prop_map(move |(values, status, clerk)| {
        let mut fields: HashMap<_, _> = steps.iter().cloned().zip(values).collect();
        fields.insert(self::steps(&["status"]), status);
        Record { fields, previous: None, roles: if clerk { vec!["clerk".to_owned()] } else { vec![] } }
    })
}

pub fn steps(names: &[&str]) -> Vec<FieldIndex> {
    let objects = objects();
    let mut object = &objects[LOAN.0];
    let mut steps = Vec::new();
    for name in names {
        let field = object.field_by_name(name).unwrap();
        steps.push(field.index);
        if let Some(relation) = field.kind.relation() {
            object = &objects[relation.target.0];
        }
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn lowering_keeps_the_answer(source in condition(), record in record()) {
        let expression = match compiled(&source) {
            Ok(expression) => expression,
            Err(errors) => {
                prop_assert!(errors.iter().all(|error| error.code == "expression_too_large"), "{}: {:?}", source, errors);
                return Ok(());
            }
        };
        let answer = evaluate(&expression, &record);
        prop_assert!(answer.is_null() || answer.as_bool().is_some());
        prop_assert_eq!(is_true(&expression, &record), answer.as_bool() == Some(true));
        match lower(&expression, &scope(&objects())) {
            Ok(predicate) => {
                prop_assert_eq!(holds(&predicate, &record), answer.as_bool(), "{} lowers to {:?}", source, predicate);
                let read: Vec<_> = expression.paths().map(|(_, path)| path).collect();
                prop_assert!(predicate.paths().all(|(_, path)| read.contains(&path)));
            }
            Err(error) => prop_assert_eq!(error.code, "not_selectable"),
        }
    }
}
