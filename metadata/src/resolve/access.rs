//! Stage 13: access. Roles inherit without circles; each grant names an object, its rows and its fields.

use super::catalog::{Catalog, Item, find_field};
use super::expressions::{At, Compiler};
use super::findings::Findings;
use super::membership::{Scopes, WORDS};
use crate::document::role::{self, Effect as EffectDocument, Fields};
use crate::identifier::Identifier;
use crate::predicate::{Predicate, Scope};
use crate::snapshot::{Effect, FieldSet, GrantRule, Object, Role, RowRule};

/// The built-in role that holds all rights on every object which does not say otherwise.
pub const TENANT_ADMIN: &str = "tenant_admin";

/// What rows of grants and rules are read with.
#[derive(Clone, Copy)]
pub struct Rows<'r> {
    pub catalog: &'r Catalog<'r>,
    pub compiler: &'r Compiler<'r>,
    pub scopes: &'r Scopes,
}

pub fn resolve(rows: &Rows<'_>, findings: &mut Findings) -> Vec<Role> {
    let mut roles: Vec<Role> = rows.catalog.roles.iter().map(|item| resolve_role(item, rows, findings)).collect();
    include(rows.catalog, &mut roles, findings);
    check_inheritance(rows.catalog, &roles, findings);
    roles
}

/// `included_in` is inheritance told from the other end.
fn include(catalog: &Catalog<'_>, roles: &mut [Role], findings: &mut Findings) {
    for (included, item) in catalog.roles.iter().enumerate() {
        for (at, name) in item.body.included_in.iter().enumerate() {
            let role = find_document(name, &At::new(item.document, format!("/included_in/{at}")), catalog, findings);
            let role = role.map(|position| &mut roles[position]);
            if let Some(role) = role.filter(|role| !role.inherits.contains(&included)) {
                role.inherits.push(included);
            }
        }
    }
}

/// The position of a role that has a document, and so grants to hand on.
fn find_document(name: &Identifier, at: &At<'_>, catalog: &Catalog<'_>, findings: &mut Findings) -> Option<usize> {
    let found = catalog.role_position(name.as_str());
    if found.is_none() && name.as_str() == TENANT_ADMIN {
        let message = format!("`{TENANT_ADMIN}` is built in and takes no part in inheritance");
        findings.error(at.document, &at.pointer, "not_allowed", message).help("give the person that role too");
    } else if found.is_none() {
        catalog.find_role(name.as_str(), at.document, &at.pointer, findings);
    }
    found
}

fn resolve_role(item: &Item<'_, role::Role>, rows: &Rows<'_>, findings: &mut Findings) -> Role {
    let written = item.body.inherits.iter().enumerate();
    let inherits = written
        .filter_map(|(at, name)| {
            find_document(name, &At::new(item.document, format!("/inherits/{at}")), rows.catalog, findings)
        })
        .collect();
    let each = item.body.grants.iter().enumerate();
    let grants = each
        .filter_map(|(index, grant)| {
            let at = At::new(item.document, format!("/grants/{index}"));
            rows.grant(grant, &at, findings)
        })
        .collect();
    Role { name: item.document.name.clone(), label: item.document.label.clone(), inherits, grants }
}

impl Rows<'_> {
    pub fn grant(&self, grant: &role::Grant, at: &At<'_>, findings: &mut Findings) -> Option<GrantRule> {
        let object = self.object(&grant.object, at, findings)?;
        let rows = self.rule(&grant.rows, object, &at.key("rows"), findings);
        let after = grant.rows_after.as_ref();
        let rows_after = after.map(|after| self.rule(after, object, &at.key("rows_after"), findings));
        let fields = match &grant.fields {
            Fields::All(_) => FieldSet::All,
            Fields::Only(names) => {
                let each = names.iter().enumerate();
                let found = each.filter_map(|(position, name)| {
                    let pointer = at.key(format!("fields/{position}")).pointer;
                    find_field(object, name, at.document, &pointer, findings).map(|field| field.index)
                });
                FieldSet::Only(found.collect())
            }
        };
        let rows_after = match rows_after {
            Some(None) => return None,
            Some(Some(rule)) => Some(rule),
            None => None,
        };
        Some(GrantRule {
            object: object.index,
            verbs: grant.verbs.clone(),
            rows: rows?,
            rows_after,
            fields,
            effect: if matches!(grant.effect, Some(EffectDocument::Deny)) { Effect::Deny } else { Effect::Allow },
        })
    }

    pub fn object(&self, name: &Identifier, at: &At<'_>, findings: &mut Findings) -> Option<&Object> {
        let found = self.catalog.find_object(name, at.document, &at.key("object").pointer, findings)?;
        Some(self.compiler.object(found))
    }

    pub fn rule(&self, text: &str, object: &Object, at: &At<'_>, findings: &mut Findings) -> Option<RowRule> {
        let predicate = match text {
            "all" => Predicate::Always(true),
            "none" => Predicate::Always(false),
            "own" => Predicate::Scope(Scope::Own),
            "subordinates" => Predicate::Scope(Scope::Subordinates),
            "unit" => Predicate::Scope(Scope::Unit),
            "unit_and_below" => Predicate::Scope(Scope::UnitAndBelow),
            word if WORDS.contains(&word) => self.scopes.rows(object, word, at, findings)?,
            "parent" => {
                if object.master.is_none()
                    && object.fields.iter().all(|field| !findings.mentions_broken(field.name.as_str()))
                {
                    let message = format!("`{}` has no master_detail field, so it has no parent", object.name);
                    findings.error(at.document, &at.pointer, "no_parent", message).help("use another row rule");
                    return None;
                }
                return Some(RowRule::Parent);
            }
            source => self.compiler.predicate(source, object.index, at, findings)?,
        };
        Some(RowRule::Predicate(predicate))
    }
}

fn check_inheritance(catalog: &Catalog<'_>, roles: &[Role], findings: &mut Findings) {
    for start in 0..roles.len() {
        if let Some(path) = path_back(start, roles) {
            let names: Vec<&str> = path.iter().map(|at| roles[*at].name.as_str()).collect();
            let message = format!("roles inherit each other: {}", names.join(" inherits "));
            findings.error(catalog.roles[start].document, "/inherits", "cyclic_role", message);
        }
    }
}

/// The shortest way from a role through what it inherits back to itself.
fn path_back(start: usize, roles: &[Role]) -> Option<Vec<usize>> {
    let mut reached: Vec<Option<usize>> = vec![None; roles.len()];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for next in &roles[at].inherits {
            if *next == start {
                let mut path = vec![start, at];
                let mut at = at;
                while let Some(before) = reached[at] {
                    path.push(before);
                    at = before;
                }
                if at != start {
                    path.push(start);
                }
                path.reverse();
                path.dedup();
                return Some(path);
            }
            if reached[*next].is_none() {
                reached[*next] = Some(at);
                queue.push_back(*next);
            }
        }
    }
    None
}
