//! The workflow machine: which command comes next, as a pure function of the program, the place in it and the answer to
//! the last command.
//!
//! It knows no record, no database and no clock. The same state and input always give the same answer, so a run that
//! was cut off between two commands goes on where it was: [`Input::Resume`] asks for the outstanding command again.

use serde::{Deserialize, Serialize};
use trellis_metadata::expression::Expression;
use trellis_metadata::snapshot::{Approve, FieldIndex, Notify, ObjectIndex, Step, SwitchCase, UpdateTarget};

/// Steps one run may take.
pub const MAX_STEPS: u32 = 1_000;

/// Workflow effects that may lie between a person's change and the change that starts a run.
pub const MAX_DEPTH: u64 = 16;

/// Where a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub phase: Phase,
    /// The outstanding step.
    pub at: Place,
    /// Steps taken so far.
    pub steps: u32,
}

/// The position of a step in its list; inside a switch: position of the switch, of the case, of the step in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place(Vec<usize>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    #[default]
    Running,
    /// For an answer that no command brings.
    Waiting,
    Done,
    Broken(Fault),
}

/// Why a program cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    #[error("the run took more than {MAX_STEPS} steps")]
    TooManySteps,
    #[error("the run stands at a step the workflow does not have")]
    LostPlace,
    #[error("`set` works before save only; after the commit use `update`")]
    SetAfterCommit,
}

/// What came of the outstanding command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing is known of it: ask again.
    Resume,
    Done,
    /// The case of a switch that holds, if any.
    Chosen(Option<usize>),
}

/// What the worker is asked to do.
#[derive(Clone, Copy, Debug)]
pub enum Command<'w> {
    Choose(&'w [SwitchCase]),
    Create {
        object: ObjectIndex,
        values: &'w [(FieldIndex, Expression)],
    },
    Update {
        target: &'w UpdateTarget,
        values: &'w [(FieldIndex, Expression)],
    },
    Notify(&'w Notify),
    /// Ask the approvers; the answer comes from them, not from the command.
    Ask(&'w Approve),
}

/// The state after `input`, and the command that is outstanding there; none when the run is over or waits.
pub fn step<'w>(state: &State, program: &'w [Step], input: Input) -> (State, Option<Command<'w>>) {
    let mut next = state.clone();
    if next.phase != Phase::Running {
        return (next, None);
    }
    match input {
        Input::Resume => {}
        Input::Done if matches!(next.at.find(program), Some(Step::Approve(_))) => {
            next.phase = Phase::Waiting;
            return (next, None);
        }
        Input::Done | Input::Chosen(None) => next.take_step(Place::advance),
        Input::Chosen(Some(case)) => next.take_step(|at| at.enter(case)),
    }
    let command = next.settle(program);
    (next, command)
}

impl State {
    fn take_step(&mut self, go: impl FnOnce(&mut Place)) {
        self.steps += 1;
        go(&mut self.at);
    }

    /// Leaves lists that are at their end, then says what to do at the place reached.
    fn settle<'w>(&mut self, program: &'w [Step]) -> Option<Command<'w>> {
        while self.phase == Phase::Running {
            match self.at.find(program) {
                Some(_) if self.steps >= MAX_STEPS => self.phase = Phase::Broken(Fault::TooManySteps),
                Some(Step::Set(_)) => self.phase = Phase::Broken(Fault::SetAfterCommit),
                Some(Step::Switch(cases)) => return Some(Command::Choose(cases)),
                Some(Step::Create { object, values }) => return Some(Command::Create { object: *object, values }),
                Some(Step::Update { target, values }) => return Some(Command::Update { target, values }),
                Some(Step::Notify(notify)) => return Some(Command::Notify(notify)),
                Some(Step::Approve(approve)) => return Some(Command::Ask(approve)),
                None if !self.at.is_end(program) => self.phase = Phase::Broken(Fault::LostPlace),
                None if self.at.leave() => {}
                None => self.phase = Phase::Done,
            }
        }
        None
    }
}

impl Default for Place {
    fn default() -> Self {
        Self(vec![0])
    }
}

impl Place {
    pub fn new(positions: Vec<usize>) -> Self {
        Self(positions)
    }

    /// The list this place is in, and the position in it.
    fn list<'w>(&self, program: &'w [Step]) -> Option<(&'w [Step], usize)> {
        let mut list = program;
        let mut rest = self.0.as_slice();
        while let [position, case, inner @ ..] = rest {
            let Some(Step::Switch(cases)) = list.get(*position) else { return None };
            list = &cases.get(*case)?.steps;
            rest = inner;
        }
        let [position] = rest else { return None };
        Some((list, *position))
    }

    fn find<'w>(&self, program: &'w [Step]) -> Option<&'w Step> {
        let (list, position) = self.list(program)?;
        list.get(position)
    }

    /// Just behind the last step of its list.
    fn is_end(&self, program: &[Step]) -> bool {
        self.list(program).is_some_and(|(list, position)| position == list.len())
    }

    fn advance(&mut self) {
        if let Some(position) = self.0.last_mut() {
            *position = position.saturating_add(1);
        }
    }

    fn enter(&mut self, case: usize) {
        self.0.extend([case, 0]);
    }

    /// From inside a switch to the step behind it; false at the top.
    fn leave(&mut self) -> bool {
        if self.0.len() < 3 {
            return false;
        }
        self.0.truncate(self.0.len() - 2);
        self.advance();
        true
    }
}

/// `0/1/2`.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, position) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("/")?;
            }
            write!(f, "{position}")?;
        }
        Ok(())
    }
}
