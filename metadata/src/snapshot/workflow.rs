//! When a workflow starts and what it does.

use super::{FieldIndex, ObjectIndex};
use crate::expression::Expression;
use crate::identifier::Identifier;
use crate::label::Label;

#[derive(Debug)]
pub struct Workflow {
    pub id: Identifier,
    pub name: Identifier,
    pub label: Label,
    pub object: ObjectIndex,
    pub timing: Timing,
    pub events: Vec<ChangeKind>,
    pub when: Option<Expression>,
    pub run_as: RunAs,
    pub steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// In the transaction, before the row is written.
    BeforeSave,
    /// From the outbox, after the commit.
    AfterCommit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Create,
    Update,
    Delete,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunAs {
    Starter,
    /// A named service role.
    Role(Identifier),
}

/// A workflow is a structured program: steps nest, so no dangling graph can be written.
#[derive(Clone, Debug)]
pub enum Step {
    /// Before save: set fields of the record.
    Set(Vec<(FieldIndex, Expression)>),
    Create {
        object: ObjectIndex,
        values: Vec<(FieldIndex, Expression)>,
    },
    /// Update the trigger record, or the record its lookup points at.
    Update {
        target: UpdateTarget,
        values: Vec<(FieldIndex, Expression)>,
    },
    Switch(Vec<SwitchCase>),
    Notify(Box<Notify>),
    Approve(Box<Approve>),
}

#[derive(Clone, Debug)]
pub enum UpdateTarget {
    Record,
    Lookup(FieldIndex),
}

#[derive(Clone, Debug)]
pub struct SwitchCase {
    /// `None` is the otherwise branch.
    pub when: Option<Expression>,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub struct Notify {
    pub to: Recipients,
    /// Templates: `Loan {{record.loan_no}}`.
    pub title: String,
    pub body: String,
    pub link_to_record: bool,
}

#[derive(Clone, Debug)]
pub enum Recipients {
    Role(Identifier),
    Owner,
    /// A user field of the record.
    User(FieldIndex),
    Starter,
}

/// An approval task; the first build of the machine carries `any` mode.
#[derive(Clone, Debug)]
pub struct Approve {
    pub name: Identifier,
    pub approvers: Recipients,
    pub due: Option<String>,
    pub on_approve: Vec<Step>,
    pub on_reject: Vec<Step>,
}
