//! Stage 9: the expressions of formulas and rollup filters. They are stored, so they may not ask about today or the actor.

use super::catalog::Catalog;
use super::expressions::{At, Compiler, Use};
use super::findings::Findings;
use crate::expression::Expression;
use crate::field_type::Attributes;
use crate::snapshot::{FieldIndex, FieldKind, Object, ObjectIndex};
use crate::source::join_pointer;

pub fn resolve(catalog: &Catalog<'_>, objects: &mut [Object], findings: &mut Findings) {
    let compiled = compile_all(catalog, objects, findings);
    for (object, field, expression) in compiled {
        match &mut objects[object.0].fields[field.0].kind {
            FieldKind::Formula(formula) => formula.expression = expression,
            FieldKind::Rollup(rollup) => rollup.filter = Some(expression),
            _ => {}
        }
    }
}

fn compile_all(
    catalog: &Catalog<'_>,
    objects: &[Object],
    findings: &mut Findings,
) -> Vec<(ObjectIndex, FieldIndex, Expression)> {
    let compiler = Compiler::new(objects);
    let mut compiled = Vec::new();
    for object in objects {
        let document = catalog.objects[object.index.0].document;
        for field in &object.fields {
            let Some(written) = catalog.field(object.index, field) else { continue };
            let at = At::new(document, join_pointer("/fields", field.name.as_str()));
            let expression = match (&field.kind, &written.attributes) {
                (FieldKind::Formula(_), Attributes::Formula(formula)) => compiler.compile(
                    &formula.expression,
                    (object.index, Use::Stored),
                    formula.result.expression_type(),
                    &at.key("expression"),
                    findings,
                ),
                (FieldKind::Rollup(rollup), Attributes::Rollup(written)) => {
                    let (of, at) = ((rollup.object, Use::Stored), at.key("where"));
                    let condition =
                        written.where_.as_ref().and_then(|source| compiler.condition(source, of, &at, findings));
                    // Children are counted by the database.
                    condition.filter(|condition| compiler.lowered(condition, of, &at, findings).is_some())
                }
                _ => None,
            };
            compiled.extend(expression.map(|expression| (object.index, field.index, expression)));
        }
    }
    compiled
}
