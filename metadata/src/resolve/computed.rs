//! Stage 10: computed order. Which stored value feeds which, in an order where inputs come before users; a cycle is refused
//! naming its members.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::catalog::Catalog;
use super::findings::Findings;
use crate::expression::{Expression, Root};
use crate::snapshot::{Dependent, FieldIndex, FieldKind, Hop, Object, ObjectIndex, Rollup, Route};
use crate::source::join_pointer;

/// Cycles reported at once, and members named of each.
const MAX_CYCLES: usize = 20;
const MAX_MEMBERS: usize = 20;

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
    let mut seen = HashSet::new();
    for Input { source: (object, _), dependent } in inputs {
        if seen.insert((object, dependent.clone())) {
            objects[object.0].dependents.push(dependent);
        }
    }
    order
}

fn object_inputs(object: &Object, objects: &[Object]) -> Vec<Input> {
    let mut inputs = Vec::new();
    for field in &object.fields {
        let node = (object.index, field.index);
        match &field.kind {
            FieldKind::Formula(formula) => path_inputs(node, &formula.expression, None, objects, &mut inputs),
            FieldKind::Rollup(rollup) => rollup_inputs(node, rollup, objects, &mut inputs),
            _ => {}
        }
    }
    inputs
}

fn rollup_inputs(node: Node, rollup: &Rollup, objects: &[Object], inputs: &mut Vec<Input>) {
    for child in std::iter::once(rollup.via).chain(rollup.field) {
        let route = Route { back: Vec::new(), up: Some(rollup.via) };
        inputs.push(input((rollup.object, child), node, route));
    }
    if let Some(filter) = &rollup.filter {
        path_inputs(node, filter, Some(rollup.via), objects, inputs);
    }
}

/// Every field the paths of an expression cross, lookups included: each feeds the records the path starts from.
fn path_inputs(
    node: Node,
    expression: &Expression,
    up: Option<FieldIndex>,
    objects: &[Object],
    inputs: &mut Vec<Input>,
) {
    for (_, path) in expression.paths().filter(|(root, _)| *root == Root::Record) {
        let mut object = path.object;
        let mut back = Vec::new();
        for step in &path.steps {
            inputs.push(input((object, *step), node, Route { back: back.clone(), up }));
            let Some(target) = lookup_target(objects, object, *step) else { break };
            back.insert(0, Hop { object, lookup: *step });
            object = target;
        }
    }
}

fn input(source: Node, (object, field): Node, route: Route) -> Input {
    Input { source, dependent: Dependent { on: source.1, object, field, route } }
}

fn lookup_target(objects: &[Object], object: ObjectIndex, field: FieldIndex) -> Option<ObjectIndex> {
    objects[object.0].fields[field.0].kind.relation().map(|relation| relation.target)
}

/// Takes what needs nothing that is still to come, smallest position first, so that the same documents give the same
/// order; what never becomes free is on a cycle or behind one.
fn order(inputs: &[Input], catalog: &Catalog<'_>, objects: &[Object], findings: &mut Findings) -> Vec<Node> {
    let mut needs: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
    let mut users: BTreeMap<Node, Vec<Node>> = BTreeMap::new();
    for object in objects {
        for field in object.fields.iter().filter(|field| field.kind.is_computed()) {
            needs.insert((object.index, field.index), BTreeSet::new());
        }
    }
    for input in inputs.iter().filter(|input| needs.contains_key(&input.source)) {
        users.entry(input.source).or_default().push((input.dependent.object, input.dependent.field));
    }
    for (source, users) in &users {
        for user in users {
            needs.entry(*user).or_default().insert(*source);
        }
    }
    let mut order = Vec::with_capacity(needs.len());
    let mut free: BTreeSet<Node> = needs.iter().filter(|(_, needs)| needs.is_empty()).map(|(node, _)| *node).collect();
    while let Some(node) = free.pop_first() {
        needs.remove(&node);
        for user in users.get(&node).into_iter().flatten() {
            if let Some(left) = needs.get_mut(user)
                && left.remove(&node)
                && left.is_empty()
            {
                free.insert(*user);
            }
        }
        order.push(node);
    }
    report_cycles(needs, catalog, objects, findings);
    order
}

fn report_cycles(
    mut remaining: BTreeMap<Node, BTreeSet<Node>>,
    catalog: &Catalog<'_>,
    objects: &[Object],
    findings: &mut Findings,
) {
    for _ in 0..MAX_CYCLES {
        let Some((start, _)) = remaining.first_key_value() else { return };
        let (walked, cycle) = walk(*start, &remaining);
        if !cycle.is_empty() {
            report_cycle(&cycle, catalog, objects, findings);
        }
        // What only led into the cycle is not itself at fault, and goes with it.
        for node in walked {
            remaining.remove(&node);
        }
        for needs in remaining.values_mut() {
            needs.retain(|node| !cycle.contains(node));
        }
        remaining.retain(|_, needs| !needs.is_empty());
    }
}

/// Follows the first need of each node until one comes again: the way, and the part of it that is a cycle.
fn walk(start: Node, needs: &BTreeMap<Node, BTreeSet<Node>>) -> (Vec<Node>, Vec<Node>) {
    let mut walked = vec![start];
    let mut places = HashMap::from([(start, 0)]);
    let mut at = start;
    while let Some(next) = needs.get(&at).and_then(BTreeSet::first).copied() {
        if let Some(place) = places.insert(next, walked.len()) {
            let cycle = walked[place..].to_vec();
            return (walked, cycle);
        }
        walked.push(next);
        at = next;
    }
    (walked, Vec::new())
}

fn report_cycle(cycle: &[Node], catalog: &Catalog<'_>, objects: &[Object], findings: &mut Findings) {
    let name = |(object, field): &Node| {
        let object = &objects[object.0];
        format!("{}.{}", object.name, object.fields[field.0].name)
    };
    let Some(first) = cycle.first() else { return };
    let mut members: Vec<String> = cycle.iter().take(MAX_MEMBERS).map(name).collect();
    if cycle.len() > MAX_MEMBERS {
        members.push(format!("{} more", cycle.len() - MAX_MEMBERS));
    }
    members.push(name(first));
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
