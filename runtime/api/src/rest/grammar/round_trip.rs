//! What is printed reads back as the same tree.

use proptest::prelude::*;

use super::{Condition, Function, Item, Join, Operand, Tally, Test, parse_group, parse_items};

fn condition() -> impl Strategy<Value = Condition> {
    let plain = prop_oneof![Just("eq"), Just("like"), Just("is"), Just("nonsense")].prop_map(str::to_owned);
    let one = (plain, ".{0,12}").prop_map(|(operator, value)| (operator, Operand::One(value)));
    let list = prop_oneof![Just("in"), Just("cs"), Just("cd"), Just("ov")].prop_map(str::to_owned);
    let many = (list, proptest::collection::vec(".{0,8}", 0..4))
        .prop_map(|(operator, items)| (operator, Operand::Many(items)));
    let test = (".{1,12}", any::<bool>(), prop_oneof![one, many]).prop_map(|(field, negated, (operator, operand))| {
        Condition::Test { field, test: Test { negated, operator, operand } }
    });
    test.prop_recursive(4, 24, 4, |inner| {
        let group = || proptest::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            group().prop_map(Condition::And),
            group().prop_map(Condition::Or),
            group().prop_map(|all| Condition::Not(Box::new(Condition::And(all)))),
            group().prop_map(|any| Condition::Not(Box::new(Condition::Or(any)))),
        ]
    })
}

fn item() -> impl Strategy<Value = Item> {
    let alias = || proptest::option::of(".{1,8}");
    let field = (alias(), ".{1,8}").prop_map(|(alias, field)| Item::Field { alias, field });
    let functions = proptest::sample::select(Function::ALL.to_vec());
    let measure = (alias(), ".{1,8}", functions).prop_map(|(alias, field, function)| Item::Aggregate {
        alias,
        field: Some(field),
        function,
    });
    let count = alias().prop_map(|alias| Item::Aggregate { alias, field: None, function: Function::Count });
    prop_oneof![Just(Item::All), field, measure, count].prop_recursive(4, 24, 4, move |inner| {
        let join = prop_oneof![Just(Join::Left), Just(Join::Inner)];
        let items = proptest::collection::vec(inner, 0..4);
        (alias(), ".{1,8}", join, items).prop_map(|(alias, relation, join, items)| Item::Embed {
            alias,
            relation,
            join,
            items,
        })
    })
}

fn printed(items: &[Item]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

proptest! {
    #[test]
    fn conditions(all in proptest::collection::vec(condition(), 1..4)) {
        let text = format!("({})", all.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
        prop_assert_eq!(parse_group(&text, &mut Tally::default()), Ok(all));
    }

    #[test]
    fn selections(items in proptest::collection::vec(item(), 1..4)) {
        prop_assert_eq!(parse_items(&printed(&items)), Ok(items));
    }
}
