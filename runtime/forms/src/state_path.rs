//! The way of a record through its states, as a short line of steps: how it came here, where it goes from here.

use std::collections::VecDeque;

use serde::Serialize;
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{OptionSet, StateMachine};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateStep {
    pub state: String,
    pub label: String,
    pub done: bool,
    pub current: bool,
}

/// The shortest way from the first state to `current`, then onward in the order the options are listed in: side exits
/// and detours are left out.
pub fn state_path(machine: &StateMachine, options: &OptionSet, current: &str, locale: Locale) -> Vec<StateStep> {
    let Some(first) = options.options.first() else { return Vec::new() };
    let before = way_here(machine, &first.code, current);
    let onward = way_onward(machine, options, current, &before);
    let label = |code: &str| options.get(code).map_or_else(|| code.to_owned(), |o| o.label.or_name(locale, code));
    let step =
        |code: &str, done| StateStep { state: code.to_owned(), label: label(code), done, current: code == current };
    let done = before.iter().map(|code| step(code, true));
    let here = std::iter::once(step(current, false));
    done.chain(here).chain(onward.iter().map(|code| step(code, false))).collect()
}

/// Does the state end things badly, by the common words for it.
pub fn is_negative(state: &str) -> bool {
    matches!(state, "rejected" | "cancelled" | "canceled" | "failed" | "void" | "closed_lost" | "terminated")
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

/// Always to the nearest state listed later, as long as there is one.
fn way_onward(machine: &StateMachine, options: &OptionSet, current: &str, before: &[String]) -> Vec<String> {
    let place = |code: &str| options.options.iter().position(|option| &*option.code == code);
    let mut onward: Vec<String> = Vec::new();
    loop {
        let state = onward.last().map_or(current, String::as_str);
        let later: Vec<&str> = successors(machine, state)
            .filter(|next| place(next) > place(state) && !is_negative(next) && !before.iter().any(|b| b == next))
            .collect();
        let detour = |state: &str| {
            let mut ahead = successors(machine, state);
            ahead.any(|next| next != state && later.contains(&next) && successors(machine, next).next().is_some())
        };
        let next = later.iter().filter(|next| !detour(next)).min_by_key(|next| place(next)).or(later.first());
        let Some(next) = next.map(|next| (*next).to_owned()) else { return onward };
        onward.push(next);
    }
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
    fn detours_are_left_out() {
        let edges =
            [("draft", "sent"), ("sent", "held"), ("held", "approved"), ("sent", "approved"), ("approved", "done")];
        let states = ["draft", "sent", "held", "approved", "done"];
        assert_eq!(path(&edges, &states, "sent"), "(Draft) [Sent] Approved Done");
        assert_eq!(path(&edges, &states, "held"), "(Draft) (Sent) [Held] Approved Done");
    }

    #[test]
    fn cycles_and_dense_machines_end() {
        let names: Vec<String> = (0..30).map(|n| format!("s{n}")).collect();
        let states: Vec<&str> = names.iter().map(String::as_str).collect();
        let edges: Vec<(&str, &str)> = states.iter().flat_map(|a| states.iter().map(move |b| (*a, *b))).collect();
        assert!(path(&edges, &states, "s3").contains("[S3]"));
    }
}
