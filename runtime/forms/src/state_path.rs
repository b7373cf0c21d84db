//! The way of a record through its states, as a short line of steps: how it came here, where it goes from here.

use std::collections::VecDeque;

use serde::Serialize;
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{OptionSet, StateMachine};

/// Steps tried while looking for the longest way onward; machines beyond this show what was found until then.
const BUDGET: usize = 2_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateStep {
    pub label: String,
    pub done: bool,
    pub current: bool,
}

/// The shortest way from the first state to `current`, then the longest onward: side exits are short.
pub fn state_path(machine: &StateMachine, options: &OptionSet, current: &str, locale: Locale) -> Vec<StateStep> {
    let Some(first) = options.options.first() else { return Vec::new() };
    let before = way_here(machine, &first.code, current);
    let mut budget = BUDGET;
    let onward = longest_onward(machine, current, &mut before.clone(), &mut budget);
    let label = |code: &str| options.get(code).map_or_else(|| code.to_owned(), |o| o.label.or_name(locale, code));
    let done = before.iter().map(|code| StateStep { label: label(code), done: true, current: false });
    let here = std::iter::once(StateStep { label: label(current), done: false, current: true });
    let next = onward.iter().map(|code| StateStep { label: label(code), done: false, current: false });
    done.chain(here).chain(next).collect()
}

fn successors<'a>(machine: &'a StateMachine, state: &'a str) -> impl Iterator<Item = &'a str> {
    let leaving = machine.transitions.iter().filter(move |t| t.from.iter().any(|from| &**from == state));
    leaving.map(|transition| &*transition.to)
}

/// States passed on the shortest way, without the last; empty when there is none.
fn way_here(machine: &StateMachine, first: &str, current: &str) -> Vec<String> {
    let mut ways = VecDeque::from([vec![first.to_owned()]]);
    let mut seen = vec![first.to_owned()];
    while let Some(way) = ways.pop_front() {
        let Some(last) = way.last() else { continue };
        if last == current {
            return way[..way.len() - 1].to_vec();
        }
        for next in successors(machine, last) {
            if !seen.iter().any(|state| state == next) {
                seen.push(next.to_owned());
                ways.push_back(way.iter().cloned().chain([next.to_owned()]).collect());
            }
        }
    }
    Vec::new()
}

fn longest_onward(machine: &StateMachine, state: &str, passed: &mut Vec<String>, budget: &mut usize) -> Vec<String> {
    passed.push(state.to_owned());
    let mut longest: Vec<String> = Vec::new();
    for next in successors(machine, state) {
        if *budget == 0 || passed.iter().any(|state| state == next) {
            continue;
        }
        *budget -= 1;
        let rest = longest_onward(machine, next, passed, budget);
        if rest.len() + 1 > longest.len() {
            longest = std::iter::once(next.to_owned()).chain(rest).collect();
        }
    }
    passed.pop();
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use trellis_metadata::identifier::Identifier;
    use trellis_metadata::label::Label;
    use trellis_metadata::snapshot::{ChoiceOption, FieldIndex, Transition};

    fn machine(edges: &[(&str, &str)]) -> StateMachine {
        let transitions = edges.iter().map(|(from, to)| Transition {
            name: Identifier::new(&format!("to_{to}")).unwrap(),
            from: vec![(*from).into()],
            to: (*to).into(),
            label: Label::Missing,
            when: None,
            roles: Vec::new(),
        });
        StateMachine { field: FieldIndex(0), transitions: transitions.collect() }
    }

    fn path(edges: &[(&str, &str)], states: &[&str], current: &str) -> String {
        let option =
            |code: &&str| ChoiceOption { code: (*code).into(), label: Label::Missing, color: None, active: true };
        let options = OptionSet { options: states.iter().map(option).collect() };
        let steps = state_path(&machine(edges), &options, current, Locale::En);
        let mark = |step: &StateStep| match (step.done, step.current) {
            (true, _) => format!("({})", step.label),
            (_, true) => format!("[{}]", step.label),
            _ => step.label.clone(),
        };
        steps.iter().map(mark).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn side_exits_show_only_when_taken() {
        let edges = [("draft", "sent"), ("sent", "lent"), ("sent", "rejected"), ("lent", "back")];
        let states = ["draft", "sent", "lent", "back", "rejected"];
        for (current, expected) in [
            ("draft", "[Draft] Sent Lent Back"),
            ("sent", "(Draft) [Sent] Lent Back"),
            ("back", "(Draft) (Sent) (Lent) [Back]"),
            ("rejected", "(Draft) (Sent) [Rejected]"),
            ("nowhere", "[nowhere]"),
        ] {
            assert_eq!(path(&edges, &states, current), expected);
        }
    }

    #[test]
    fn cycles_and_dense_machines_end() {
        let names: Vec<String> = (0..30).map(|n| format!("s{n}")).collect();
        let states: Vec<&str> = names.iter().map(String::as_str).collect();
        let edges: Vec<(&str, &str)> = states.iter().flat_map(|a| states.iter().map(move |b| (*a, *b))).collect();
        assert!(path(&edges, &states, "s3").contains("[S3]"));
    }
}
