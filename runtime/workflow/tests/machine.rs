//! The machine: rows of programs and answers, and generated programs against a plain interpreter.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use trellis_metadata::snapshot::{FieldIndex, Step, SwitchCase, UpdateTarget};
use trellis_workflow::machine::{Command, Fault, Input, MAX_STEPS, Phase, Place, State, step};

/// A program in brief: an effect with a number, or a switch.
#[derive(Clone, Debug)]
enum Brief {
    Effect(usize),
    Switch(Vec<Vec<Brief>>),
}

fn program(briefs: &[Brief]) -> Vec<Step> {
    let build = |brief: &Brief| match brief {
        Brief::Effect(number) => Step::Update { target: UpdateTarget::Lookup(FieldIndex(*number)), values: Vec::new() },
        Brief::Switch(cases) => {
            Step::Switch(cases.iter().map(|steps| SwitchCase { when: None, steps: program(steps) }).collect())
        }
    };
    briefs.iter().map(build).collect()
}

/// Takes the choices one by one: a number of a case, or beyond the last for none.
struct Choices<'c>(&'c [usize], usize);

impl Choices<'_> {
    fn next(&mut self, cases: usize) -> Option<usize> {
        let choice = self.0.get(self.1 % self.0.len().max(1)).copied().unwrap_or_default();
        self.1 += 1;
        Some(choice % (cases + 1)).filter(|case| *case < cases)
    }
}

/// What a program does, read off its tree.
fn interpret(briefs: &[Brief], choices: &mut Choices<'_>, trace: &mut Vec<usize>) {
    for brief in briefs {
        match brief {
            Brief::Effect(number) => trace.push(*number),
            Brief::Switch(cases) => {
                if let Some(case) = choices.next(cases.len()) {
                    interpret(&cases[case], choices, trace);
                }
            }
        }
    }
}

/// What the machine does. Before every answer it is put away as JSON, read back and asked again.
fn run(program: &[Step], choices: &mut Choices<'_>) -> (State, Vec<usize>) {
    let (mut state, mut trace) = (State::default(), Vec::new());
    loop {
        state = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        let (same, command) = step(&state, program, Input::Resume);
        let again = step(&same, program, Input::Resume);
        assert_eq!((&again.0, format!("{:?}", again.1)), (&same, format!("{command:?}")), "asking changes nothing");
        let input = match command {
            Some(Command::Choose(cases)) => Input::Chosen(choices.next(cases.len())),
            Some(Command::Update { target: UpdateTarget::Lookup(number), .. }) => {
                trace.push(number.0);
                Input::Done
            }
            Some(other) => panic!("no such step was written: {other:?}"),
            None => return (same, trace),
        };
        state = step(&same, program, input).0;
    }
}

fn briefs() -> impl Strategy<Value = Vec<Brief>> {
    let leaf = (0_usize..100).prop_map(Brief::Effect);
    let tree = leaf.prop_recursive(5, 60, 4, |inner| {
        prop::collection::vec(prop::collection::vec(inner, 0..4), 0..4).prop_map(Brief::Switch)
    });
    prop::collection::vec(tree, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn does_what_the_program_says(briefs in briefs(), choices in prop::collection::vec(0_usize..10, 1..20)) {
        let mut expected = Vec::new();
        interpret(&briefs, &mut Choices(&choices, 0), &mut expected);
        let (state, trace) = run(&program(&briefs), &mut Choices(&choices, 0));
        prop_assert_eq!(trace, expected);
        prop_assert_eq!(state.phase, Phase::Done);
    }

    #[test]
    fn any_place_and_answer_is_survived(
        briefs in briefs(),
        at in prop::collection::vec(0_usize..5, 0..8),
        case in prop::option::of(0_usize..9),
    ) {
        let state = State { at: Place::new(at), ..State::default() };
        let program = program(&briefs);
        for input in [Input::Resume, Input::Done, Input::Chosen(case)] {
            let (next, command) = step(&state, &program, input);
            prop_assert_eq!(command.is_some(), next.phase == Phase::Running);
        }
    }
}

#[test]
fn places_read_as_paths() {
    let briefs = [
        Brief::Effect(1),
        Brief::Switch(vec![vec![], vec![Brief::Effect(2), Brief::Switch(vec![vec![Brief::Effect(3)]])]]),
        Brief::Effect(4),
    ];
    let program = program(&briefs);
    // Each row: the answer given, and the place and phase after it.
    let rows = [
        (Input::Resume, "0", Phase::Running),
        (Input::Done, "1", Phase::Running),
        (Input::Chosen(Some(1)), "1/1/0", Phase::Running),
        (Input::Done, "1/1/1", Phase::Running),
        (Input::Chosen(Some(0)), "1/1/1/0/0", Phase::Running),
        (Input::Done, "2", Phase::Running),
        (Input::Done, "3", Phase::Done),
        (Input::Done, "3", Phase::Done),
    ];
    let mut state = State::default();
    for (input, place, phase) in rows {
        (state, _) = step(&state, &program, input);
        assert_eq!((state.at.to_string().as_str(), state.phase), (place, phase));
    }
    assert_eq!(state.steps, 6);
}

#[test]
fn a_run_has_a_last_step() {
    let long: Vec<Brief> = (0..MAX_STEPS as usize + 5).map(Brief::Effect).collect();
    let (state, trace) = run(&program(&long), &mut Choices(&[], 0));
    assert_eq!((state.phase, trace.len()), (Phase::Broken(Fault::TooManySteps), MAX_STEPS as usize));
    let whole: Vec<Brief> = (0..MAX_STEPS as usize).map(Brief::Effect).collect();
    let (state, trace) = run(&program(&whole), &mut Choices(&[], 0));
    assert_eq!((state.phase, trace.len()), (Phase::Done, MAX_STEPS as usize));
}

#[test]
fn programs_that_cannot_go_on_say_so() {
    let set = [Step::Set(Vec::new())];
    assert_eq!(step(&State::default(), &set, Input::Resume).0.phase, Phase::Broken(Fault::SetAfterCommit));
    let lost = State { at: Place::new(vec![0, 0, 0]), ..State::default() };
    assert_eq!(step(&lost, &program(&[Brief::Effect(1)]), Input::Resume).0.phase, Phase::Broken(Fault::LostPlace));
}
