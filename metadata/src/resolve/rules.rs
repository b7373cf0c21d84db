//! Stage 12: validation rules and state machines.

use std::collections::HashSet;
use std::sync::Arc;

use super::catalog::{Catalog, Item, find_field};
use super::expressions::{At, Compiler, Use};
use super::findings::Findings;
use crate::diagnostic::nearest;
use crate::document::{Document, object};
use crate::snapshot::{FieldKind, Object, OptionSet, StateMachine, Transition, ValidationRule};

pub fn resolve(catalog: &Catalog<'_>, objects: &mut [Object], findings: &mut Findings) {
    let mut resolved = Vec::with_capacity(objects.len());
    for (object, item) in objects.iter().zip(&catalog.objects) {
        let compiler = Compiler::new(objects);
        let rules = validation_rules(object, item, &compiler, findings);
        let machine = item.body.state_machine.as_ref();
        let machine =
            machine.and_then(|machine| state_machine(machine, (object, item.document), (catalog, &compiler), findings));
        resolved.push((rules, machine));
    }
    for (object, (rules, machine)) in objects.iter_mut().zip(resolved) {
        object.validation_rules = rules;
        object.state_machine = machine;
    }
}

fn validation_rules(
    object: &Object,
    item: &Item<'_, object::Object>,
    compiler: &Compiler<'_>,
    findings: &mut Findings,
) -> Vec<ValidationRule> {
    let mut names = HashSet::new();
    let mut rules = Vec::new();
    for (index, rule) in item.body.validation_rules.iter().enumerate() {
        let at = At::new(item.document, format!("/validation_rules/{index}"));
        if !names.insert(&rule.name) {
            let message = format!("two rules are named `{}`", rule.name);
            findings.error(item.document, &at.key("name").pointer, "duplicate_name", message);
        }
        let field = rule.field.as_ref();
        let field = field.and_then(|name| find_field(object, name, item.document, &at.key("field").pointer, findings));
        let condition =
            compiler.condition(&rule.invalid_when, (object.index, Use::Change), &at.key("invalid_when"), findings);
        rules.extend(condition.map(|invalid_when| ValidationRule {
            name: rule.name.clone(),
            invalid_when,
            field: field.map(|field| field.index),
            message: rule.message.clone(),
        }));
    }
    rules
}

fn state_machine(
    machine: &object::StateMachine,
    (object, document): (&Object, &Document),
    (catalog, compiler): (&Catalog<'_>, &Compiler<'_>),
    findings: &mut Findings,
) -> Option<StateMachine> {
    let field = find_field(object, &machine.field, document, "/state_machine/field", findings)?;
    let FieldKind::Choice(options) = &field.kind else {
        if !findings.mentions_broken(field.name.as_str()) {
            let message = format!("`{}` is not a choice field", field.name);
            findings.error(document, "/state_machine/field", "wrong_type", message);
        }
        return None;
    };
    let mut names = HashSet::new();
    let mut transitions = Vec::new();
    for (index, written) in machine.transitions.iter().enumerate() {
        let at = At::new(document, format!("/state_machine/transitions/{index}"));
        if !names.insert(&written.name) {
            let message = format!("two transitions are named `{}`", written.name);
            findings.error(document, &at.key("name").pointer, "duplicate_name", message);
        }
        let roles = written.roles.iter().enumerate();
        let roles = roles.filter_map(|(position, role)| {
            catalog.find_role(role.as_str(), document, &at.key(format!("roles/{position}")).pointer, findings)
        });
        let roles: Vec<_> = roles.collect();
        let from = written.from.iter().enumerate();
        let from: Vec<_> = from
            .filter_map(|(position, code)| find_option(options, code, &at.key(format!("from/{position}")), findings))
            .collect();
        let to = find_option(options, &written.to, &at.key("to"), findings);
        let when = written.when.as_ref();
        let when = when
            .and_then(|source| compiler.condition(source, (object.index, Use::Condition), &at.key("when"), findings));
        transitions.extend(to.map(|to| Transition {
            name: written.name.clone(),
            from,
            to,
            label: written.label.clone(),
            when,
            roles,
        }));
    }
    Some(StateMachine { field: field.index, transitions })
}

fn find_option(options: &OptionSet, code: &str, at: &At<'_>, findings: &mut Findings) -> Option<Arc<str>> {
    if let Some(option) = options.get(code) {
        return Some(option.code.clone());
    }
    let known = || options.options.iter().map(|option| &*option.code);
    let help = nearest(code, known()).map_or_else(
        || format!("there are: {}", known().collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    findings
        .error(at.document, &at.pointer, "not_an_option", format!("`{code}` is not an option of the field"))
        .help(help);
    None
}
