//! How a computed column is computed, as a short text that changes exactly when stored values go out of date.
//!
//! Fields are written by id, so that renames and reordering leave it alone, and a computed input contributes its own
//! fingerprint, so that a change travels to everything computed from it.

use std::collections::HashMap;
use std::fmt::Write;

use trellis_metadata::expression::{Expr, Expression, FieldPath};
use trellis_metadata::snapshot::{FieldIndex, FieldKind, ObjectIndex, Rollup, Snapshot};

use super::layout::hash;

/// The fingerprint of a column of sequence numbers.
pub const NUMBERED: &str = "auto_number";

pub struct Fingerprints(HashMap<(ObjectIndex, FieldIndex), String>);

impl Fingerprints {
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut writer = Writer { snapshot, done: HashMap::new() };
        // Inputs come before users in this order.
        for (object, field) in &snapshot.computed_order {
            let text = writer.field(*object, *field);
            writer.done.insert((*object, *field), hash([text.as_str()], 8));
        }
        Self(writer.done.into_iter().chain(numbered(snapshot)).collect())
    }

    pub fn get(&self, object: ObjectIndex, field: FieldIndex) -> Option<String> {
        self.0.get(&(object, field)).cloned()
    }
}

/// Numbers once given stay, whatever becomes of the pattern; only records without one are filled.
fn numbered(snapshot: &Snapshot) -> impl Iterator<Item = ((ObjectIndex, FieldIndex), String)> {
    snapshot.objects.iter().flat_map(|object| {
        let numbered = object.fields.iter().filter(|field| matches!(field.kind, FieldKind::AutoNumber { .. }));
        numbered.map(|field| ((object.index, field.index), NUMBERED.to_owned()))
    })
}

struct Writer<'a> {
    snapshot: &'a Snapshot,
    done: HashMap<(ObjectIndex, FieldIndex), String>,
}

impl Writer<'_> {
    fn field(&self, object: ObjectIndex, field: FieldIndex) -> String {
        match &self.snapshot.field(object, field).kind {
            FieldKind::Formula(formula) => {
                format!("formula {} {}", formula.scale, self.expression(&formula.expression))
            }
            FieldKind::Rollup(rollup) => self.rollup(rollup),
            _ => String::new(),
        }
    }

    fn rollup(&self, rollup: &Rollup) -> String {
        let mut text = format!("rollup {} {:?} ", rollup.scale, rollup.function);
        self.step(&mut text, rollup.object, rollup.via);
        if let Some(field) = rollup.field {
            self.step(&mut text, rollup.object, field);
        }
        if let Some(filter) = &rollup.filter {
            text.push_str(&self.expression(filter));
        }
        text
    }

    fn expression(&self, expression: &Expression) -> String {
        let mut text = String::new();
        self.expr(&mut text, &expression.root);
        text
    }

    fn expr(&self, text: &mut String, expr: &Expr) {
        let (head, children): (String, Vec<&Expr>) = match expr {
            Expr::Field(root, path) => {
                let _ = write!(text, "{root:?}");
                self.path(text, path);
                return;
            }
            Expr::Literal(_) | Expr::Present(_) | Expr::Actor(_) | Expr::HasRole(_) | Expr::Today | Expr::Now => {
                (format!("{expr:?}"), vec![])
            }
            Expr::List(items) => ("list".into(), items.iter().collect()),
            Expr::Not(inner) => ("not".into(), vec![inner]),
            Expr::Negate(inner) => ("negate".into(), vec![inner]),
            Expr::IsPresent(inner) => ("is_present".into(), vec![inner]),
            Expr::And(items) => ("and".into(), items.iter().collect()),
            Expr::Or(items) => ("or".into(), items.iter().collect()),
            Expr::Compare(op, left, right) => (format!("{op:?}"), vec![left, right]),
            Expr::Arithmetic(op, left, right) => (format!("{op:?}"), vec![left, right]),
            Expr::If(condition, then, otherwise) => ("if".into(), vec![condition, then, otherwise]),
            Expr::In(item, list) => ("in".into(), vec![item, list]),
            Expr::Matches(inner, regex) => (format!("matches {:?}", regex.0.as_str()), vec![inner]),
            Expr::Call(function, arguments) => (format!("{function:?}"), arguments.iter().collect()),
        };
        text.push_str(&head);
        text.push('(');
        for child in children {
            self.expr(text, child);
            text.push(',');
        }
        text.push(')');
    }

    fn path(&self, text: &mut String, path: &FieldPath) {
        let mut object = path.object;
        for step in &path.steps {
            self.step(text, object, *step);
            if let Some(relation) = self.snapshot.field(object, *step).kind.relation() {
                object = relation.target;
            }
        }
    }

    fn step(&self, text: &mut String, object: ObjectIndex, field: FieldIndex) {
        let owner = self.snapshot.object(object);
        let _ = write!(text, ".{}/{}", owner.id, owner.field(field).id);
        if let Some(inner) = self.done.get(&(object, field)) {
            let _ = write!(text, "[{inner}]");
        }
    }
}
