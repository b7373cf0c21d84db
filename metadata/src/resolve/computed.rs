//! Stage 10: computed order. Which stored value feeds which, in an order where inputs come before users; a cycle is refused
//! naming its members.

use std::collections::{BTreeMap, BTreeSet};

use super::catalog::Catalog;
use super::findings::Findings;
use crate::expression::{Expression, FieldPath, Root};
use crate::snapshot::{Dependent, FieldIndex, FieldKind, Object, ObjectIndex, Rollup, Route};
use crate::source::join_pointer;

type Node = (ObjectIndex, FieldIndex);

/// A field that feeds a computed one.
struct Input {
    source: Node,
    dependent: Dependent,
}

pub fn resolve(catalog: &Catalog<'_>, objects: &mut [Object], findings: &mut Findings) -> Vec<Node> {
    let inputs: Vec<Input> = objects.iter().flat_map(|object| object_inputs(object, objects)).collect();
    let order = order(&inputs, catalog, objects, findings);
    for (object, field) in &order {
        objects[object.0].computed.push(*field);
    }
    for input in inputs {
        let dependents = &mut objects[input.source.0.0].dependents;
        if !dependents.contains(&input.dependent) {
            dependents.push(input.dependent);
        }
    }
    order
}

fn object_inputs(object: &Object, objects: &[Object]) -> Vec<Input> {
    let mut inputs = Vec::new();
    for field in &object.fields {
        let node = (object.index, field.index);
        match &field.kind {
            FieldKind::Formula(formula) => {
                for (root, path) in formula.expression.paths() {
                    if root == Root::Record {
                        formula_inputs(node, path, objects, &mut inputs);
                    }
                }
            }
            FieldKind::Rollup(rollup) => rollup_inputs(node, rollup, objects, &mut inputs),
            _ => {}
        }
    }
    inputs
}

fn formula_inputs(node: Node, path: &FieldPath, objects: &[Object], inputs: &mut Vec<Input>) {
    let mut feed = |source: Node, route| inputs.push(input(source, node, route));
    let Some((first, rest)) = path.steps.split_first() else { return };
    feed((path.object, *first), Route::Same);
    if let (Some(last), Some(target)) = (rest.first(), lookup_target(objects, path.object, *first)) {
        feed((target, *last), Route::Referrers { via: *first });
    }
}

fn rollup_inputs(node: Node, rollup: &Rollup, objects: &[Object], inputs: &mut Vec<Input>) {
    let target = || Route::Target { via: rollup.via };
    inputs.push(input((rollup.object, rollup.via), node, target()));
    inputs.extend(rollup.field.map(|summed| input((rollup.object, summed), node, target())));
    let paths = rollup.filter.iter().flat_map(Expression::paths).filter(|(root, _)| *root == Root::Record);
    for (_, path) in paths {
        let Some((first, rest)) = path.steps.split_first() else { continue };
        inputs.push(input((rollup.object, *first), node, target()));
        if let (Some(last), Some(up)) = (rest.first(), lookup_target(objects, path.object, *first)) {
            let route = Route::ReferrersTarget { object: rollup.object, lookup: *first, via: rollup.via };
            inputs.push(input((up, *last), node, route));
        }
    }
}

fn input(source: Node, (object, field): Node, route: Route) -> Input {
    Input { source, dependent: Dependent { on: source.1, object, field, route } }
}

fn lookup_target(objects: &[Object], object: ObjectIndex, field: FieldIndex) -> Option<ObjectIndex> {
    objects[object.0].fields[field.0].kind.relation().map(|relation| relation.target)
}

/// Depth-first from each computed field in turn, so that the order is the same for the same documents.
fn order(inputs: &[Input], catalog: &Catalog<'_>, objects: &[Object], findings: &mut Findings) -> Vec<Node> {
    let mut needs: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
    for object in objects {
        for field in object.fields.iter().filter(|field| field.kind.is_computed()) {
            needs.insert((object.index, field.index), BTreeSet::new());
        }
    }
    for input in inputs {
        let (object, field) = input.source;
        if objects[object.0].fields[field.0].kind.is_computed() {
            needs.entry((input.dependent.object, input.dependent.field)).or_default().insert(input.source);
        }
    }
    let mut order = Vec::with_capacity(needs.len());
    let mut remaining = needs;
    // Takes what needs nothing that is still to come; what never becomes free is on a cycle or behind one.
    loop {
        let free: BTreeSet<Node> =
            remaining.iter().filter(|(_, needs)| needs.is_empty()).map(|(node, _)| *node).collect();
        if free.is_empty() {
            break;
        }
        for node in &free {
            remaining.remove(node);
        }
        for needs in remaining.values_mut() {
            needs.retain(|node| !free.contains(node));
        }
        order.extend(free);
    }
    report_cycles(remaining, catalog, objects, findings);
    order
}

fn report_cycles(
    mut remaining: BTreeMap<Node, BTreeSet<Node>>,
    catalog: &Catalog<'_>,
    objects: &[Object],
    findings: &mut Findings,
) {
    while let Some((start, _)) = remaining.first_key_value() {
        let mut walked = vec![*start];
        let cycle = loop {
            let Some(next) = walked.last().and_then(|at| remaining.get(at)).and_then(BTreeSet::first).copied() else {
                break None;
            };
            if let Some(at) = walked.iter().position(|node| *node == next) {
                break Some(walked[at..].to_vec());
            }
            walked.push(next);
        };
        if let Some(cycle) = &cycle {
            report_cycle(cycle, catalog, objects, findings);
        }
        // What only led into the cycle is not itself at fault, and goes with it.
        for node in walked {
            remaining.remove(&node);
        }
        for needs in remaining.values_mut() {
            needs.retain(|node| cycle.as_ref().is_none_or(|cycle| !cycle.contains(node)));
        }
        remaining.retain(|_, needs| !needs.is_empty());
    }
}

fn report_cycle(cycle: &[Node], catalog: &Catalog<'_>, objects: &[Object], findings: &mut Findings) {
    let name = |(object, field): &Node| {
        let object = &objects[object.0];
        format!("{}.{}", object.name, object.fields[field.0].name)
    };
    let Some(first) = cycle.first() else { return };
    let members: Vec<String> = cycle.iter().chain([first]).map(name).collect();
    let (object, field) = *first;
    let pointer = join_pointer("/fields", objects[object.0].fields[field.0].name.as_str());
    findings
        .key_error(
            catalog.objects[object.0].document,
            &pointer,
            "cyclic_formula",
            format!("computed fields feed each other: {}", members.join(" needs ")),
        )
        .help("take one of them out of the circle");
}
