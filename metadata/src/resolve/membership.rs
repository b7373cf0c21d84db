//! Stage 13: who belongs to a record, and by which lookup a record belongs to a territory, a partner or a team.
//!
//! All of it becomes row predicates, so that nothing at run time knows these words.

use std::collections::HashMap;

use super::catalog::{Catalog, Item, find_field};
use super::expressions::{At, Compiler};
use super::findings::Findings;
use crate::document::object;
use crate::identifier::Identifier;
use crate::predicate::Predicate;
use crate::snapshot::{FieldIndex, Object, ObjectIndex, system_field};

/// Row rules that follow a lookup of the object.
pub const WORDS: [&str; 3] = ["territory", "partner", "team"];

/// The rows of each object's scopes; none where its document is wrong about it.
#[derive(Debug, Default)]
pub struct Scopes(HashMap<(ObjectIndex, &'static str), Option<Predicate>>);

/// Who belongs to a record of an object.
enum Membership {
    Unsaid,
    /// Said, with a finding about it.
    Wrong,
    Said {
        members: Predicate,
        above: Option<FieldIndex>,
    },
}

pub fn resolve(catalog: &Catalog<'_>, compiler: &Compiler<'_>, findings: &mut Findings) -> Scopes {
    let objects = compiler.objects.iter().zip(&catalog.objects);
    let memberships: Vec<_> =
        objects.clone().map(|(object, item)| membership(object, item, compiler, findings)).collect();
    let mut scopes = Scopes::default();
    for (object, item) in objects {
        let written = &item.body.scopes;
        for (word, field) in WORDS.into_iter().zip([&written.territory, &written.partner, &written.team]) {
            let Some(name) = field else { continue };
            let at = At::new(item.document, format!("/scopes/{word}"));
            scopes.0.insert((object.index, word), scope(object, name, &memberships, &at, findings));
        }
    }
    scopes
}

impl Scopes {
    /// The rows of the actor's territories, partners or teams.
    pub fn rows(&self, object: &Object, word: &str, at: &At<'_>, findings: &mut Findings) -> Option<Predicate> {
        let word = WORDS.into_iter().find(|known| *known == word)?;
        let found = self.0.get(&(object.index, word));
        if found.is_none() {
            let message = format!("`{}` does not say by which lookup a record belongs to a {word}", object.name);
            findings
                .error(at.document, &at.pointer, "no_scope", message)
                .help(format!("name the field in the object: \"scopes\": {{ \"{word}\": \"…\" }}"));
        }
        found?.clone()
    }
}

fn membership(
    object: &Object,
    item: &Item<'_, object::Object>,
    compiler: &Compiler<'_>,
    findings: &mut Findings,
) -> Membership {
    let Some(written) = &item.body.membership else { return Membership::Unsaid };
    let at = At::new(item.document, "/membership");
    let upper = written.above.as_ref();
    let above = upper.and_then(|name| above(object, name, &at.key("above"), findings));
    let members = match &written.collection {
        None => compiler.predicate(&written.when, object.index, &at.key("when"), findings),
        Some(name) => of_children(object, name, &written.when, compiler, &at, findings),
    };
    match members {
        Some(members) if above.is_some() == upper.is_some() => Membership::Said { members, above },
        _ => Membership::Wrong,
    }
}

fn of_children(
    object: &Object,
    name: &Identifier,
    when: &str,
    compiler: &Compiler<'_>,
    at: &At<'_>,
    findings: &mut Findings,
) -> Option<Predicate> {
    let Some(collection) = object.collection(name.as_str()) else {
        let known = object.collections.iter().map(|collection| collection.name.as_str());
        let message = format!("`{}` has no collection `{name}`", object.name);
        let pointer = at.key("collection").pointer;
        findings.unknown(at.document, &pointer, "unknown_collection", message, name.as_str(), known);
        return None;
    };
    let where_ = compiler.predicate(when, collection.object, &at.key("when"), findings)?;
    Some(Predicate::HasChild { object: collection.object, via: collection.via, where_: where_.into() })
}

fn above(object: &Object, name: &Identifier, at: &At<'_>, findings: &mut Findings) -> Option<FieldIndex> {
    let field = find_field(object, name, at.document, &at.pointer, findings)?;
    let target = field.kind.relation().map(|relation| relation.target);
    if target != Some(object.index) && !findings.mentions_broken(name.as_str()) {
        let message = format!("`{name}` is not a lookup to `{}` itself", object.name);
        findings.error(at.document, &at.pointer, "wrong_type", message);
    }
    (target == Some(object.index)).then_some(field.index)
}

fn scope(
    object: &Object,
    name: &Identifier,
    memberships: &[Membership],
    at: &At<'_>,
    findings: &mut Findings,
) -> Option<Predicate> {
    let via = find_field(object, name, at.document, &at.pointer, findings)?;
    let itself = via.index == system_field::ID;
    let target = if itself { Some(object.index) } else { via.kind.relation().map(|relation| relation.target) };
    let Some(target) = target else {
        if !findings.mentions_broken(name.as_str()) {
            findings.error(at.document, &at.pointer, "wrong_type", format!("`{name}` is not a lookup"));
        }
        return None;
    };
    let (members, above) = match &memberships[target.0] {
        Membership::Said { members, above } => (members, above),
        Membership::Wrong => return None,
        Membership::Unsaid => {
            let message = format!("nothing says who belongs to a record that `{name}` points at");
            findings
                .error(at.document, &at.pointer, "no_members", message)
                .help("give the object it points at a `membership`");
            return None;
        }
    };
    let where_ = members.clone();
    Some(match above {
        Some(above) => Predicate::Below { via: via.index, object: target, above: *above, where_: where_.into() },
        None if itself => where_,
        None => Predicate::Parent { via: via.index, object: target, where_: where_.into() },
    })
}
