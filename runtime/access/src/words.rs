//! Predicates and field sets as text for people: the expression language authors write, scopes by their names.

use std::fmt::Write;

use trellis_metadata::expression::{ActorAttribute, CompareOp, FieldPath};
use trellis_metadata::predicate::{Case, Operand, Predicate, Scope};
use trellis_metadata::snapshot::{ObjectIndex, Snapshot, system_field};
use trellis_metadata::value::Value;

use crate::field_mask::FieldMask;

/// Deeper conditions are shortened to `…`.
const MAX_DEPTH: usize = 24;

pub(crate) fn rows(snapshot: &Snapshot, object: ObjectIndex, predicate: &Predicate) -> String {
    let mut text = String::new();
    Words { snapshot, object }.predicate(&mut text, predicate, 0);
    text
}

/// `*`, or field names; id and version go without saying.
pub(crate) fn fields(snapshot: &Snapshot, object: ObjectIndex, mask: &FieldMask, possible: &FieldMask) -> String {
    if mask.contains_all(possible) {
        return "*".to_owned();
    }
    let object = snapshot.object(object);
    let names: Vec<&str> = mask
        .iter()
        .filter(|field| !matches!(*field, system_field::ID | system_field::VERSION))
        .filter_map(|field| object.fields.get(field.0))
        .map(|field| field.name.as_str())
        .collect();
    if names.is_empty() { "id".to_owned() } else { names.join(", ") }
}

struct Words<'s> {
    snapshot: &'s Snapshot,
    object: ObjectIndex,
}

impl Words<'_> {
    fn predicate(&self, out: &mut String, predicate: &Predicate, depth: usize) {
        if depth > MAX_DEPTH {
            out.push('…');
            return;
        }
        match predicate {
            Predicate::Always(true) => out.push_str("all"),
            Predicate::Always(false) => out.push_str("none"),
            Predicate::Compare { left, op, right } => {
                let _ = write!(out, "{} {} {}", self.operand(left), symbol(*op), self.operand(right));
            }
            Predicate::In { left, items } => {
                let items: Vec<String> = items.iter().map(|item| self.operand(item)).collect();
                let _ = write!(out, "{} in [{}]", self.operand(left), items.join(", "));
            }
            Predicate::IsNull(operand) => {
                let _ = write!(out, "{} == null", self.operand(operand));
            }
            Predicate::Like { left, pattern, case } => {
                let word = if *case == Case::Sensitive { "like" } else { "ilike" };
                let _ = write!(out, "{} {word} {pattern:?}", self.operand(left));
            }
            Predicate::Contains { left, codes } => {
                let _ = write!(out, "{} contains {codes:?}", self.operand(left));
            }
            Predicate::Within { left, codes } => {
                let _ = write!(out, "{} within {codes:?}", self.operand(left));
            }
            Predicate::And(all) => self.joined(out, all, " && ", depth),
            Predicate::Or(any) => self.joined(out, any, " || ", depth),
            Predicate::Not(inner) => {
                out.push_str("!(");
                self.predicate(out, inner, depth + 1);
                out.push(')');
            }
            Predicate::HasChild { object, where_, .. } => self.other(out, "some", *object, where_, depth),
            Predicate::Parent { object, where_, .. } => self.other(out, "parent", *object, where_, depth),
            Predicate::Below { object, where_, .. } => self.other(out, "this or an upper", *object, where_, depth),
            Predicate::Scope(scope) => out.push_str(scope_name(*scope)),
            Predicate::HasRole(role) => {
                let _ = write!(out, "actor.has_role('{role}')");
            }
        }
    }

    fn joined(&self, out: &mut String, parts: &[Predicate], word: &str, depth: usize) {
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                out.push_str(word);
            }
            let nested = matches!(part, Predicate::And(_) | Predicate::Or(_));
            if nested {
                out.push('(');
            }
            self.predicate(out, part, depth + 1);
            if nested {
                out.push(')');
            }
        }
    }

    fn other(&self, out: &mut String, word: &str, object: ObjectIndex, where_: &Predicate, depth: usize) {
        let _ = write!(out, "{word} {} (", self.snapshot.object(object).name);
        Words { snapshot: self.snapshot, object }.predicate(out, where_, depth + 1);
        out.push(')');
    }

    fn operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Field(path) => self.path(path),
            Operand::Value(Value::Null) => "null".to_owned(),
            Operand::Value(Value::Text(text)) => format!("'{text}'"),
            Operand::Value(value) => value.to_string(),
            Operand::Actor(ActorAttribute::Id) => "actor.id".to_owned(),
            Operand::Actor(ActorAttribute::OrgUnitId) => "actor.org_unit_id".to_owned(),
            Operand::Actor(ActorAttribute::Name) => "actor.name".to_owned(),
            Operand::Actor(ActorAttribute::Email) => "actor.email".to_owned(),
            Operand::Today => "today()".to_owned(),
            Operand::Now => "now()".to_owned(),
        }
    }

    fn path(&self, path: &FieldPath) -> String {
        let mut object = self.object;
        let mut text = "record".to_owned();
        for step in &path.steps {
            let field = self.snapshot.field(object, *step);
            let _ = write!(text, ".{}", field.name);
            object = field.kind.relation().map_or(object, |relation| relation.target);
        }
        text
    }
}

fn symbol(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "==",
        CompareOp::Ne => "!=",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
    }
}

fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Own => "own",
        Scope::Subordinates => "subordinates",
        Scope::Unit => "unit",
        Scope::UnitAndBelow => "unit_and_below",
    }
}
