//! Stage 14: sharing and restriction rules, told beside the object they are about.

use super::access::Rows;
use super::expressions::At;
use super::findings::Findings;
use crate::document::role::Grant;
use crate::identifier::Identifier;
use crate::snapshot::{RestrictionRule, RowRule, SharingRule, Verb};

pub fn sharing_rules(rows: &Rows<'_>, findings: &mut Findings) -> Vec<SharingRule> {
    let mut rules = Vec::new();
    for item in &rows.catalog.sharing_rules {
        let (at, body) = (At::new(item.document, ""), item.body);
        let grant = Grant {
            object: body.object.clone(),
            verbs: if body.verbs.is_empty() { vec![Verb::Read] } else { body.verbs.clone() },
            rows: body.rows.clone(),
            rows_after: None,
            fields: body.fields.clone(),
            effect: None,
        };
        let roles = find_roles(rows, &body.roles, &at.key("roles"), findings);
        let rule = rows.grant(&grant, &at, findings);
        rules.extend(rule.map(|rule| SharingRule { name: item.document.name.clone(), roles, rule }));
    }
    rules
}

pub fn restriction_rules(rows: &Rows<'_>, findings: &mut Findings) -> Vec<RestrictionRule> {
    let mut rules = Vec::new();
    for item in &rows.catalog.restriction_rules {
        let (at, body) = (At::new(item.document, ""), item.body);
        let except = find_roles(rows, &body.except, &at.key("except"), findings);
        let Some(object) = rows.object(&body.object, &at, findings) else { continue };
        let place = at.key("rows");
        let open = match rows.rule(&body.rows, object, &place, findings) {
            Some(RowRule::Predicate(open)) => open,
            Some(RowRule::Parent) => {
                let message = "a restriction of the parent restricts its children as well".to_owned();
                findings
                    .error(place.document, &place.pointer, "not_allowed", message)
                    .help("restrict the parent, or use another row rule");
                continue;
            }
            None => continue,
        };
        let (name, verbs) = (item.document.name.clone(), body.verbs.clone());
        rules.push(RestrictionRule { name, object: object.index, verbs, rows: open, except });
    }
    rules
}

fn find_roles(rows: &Rows<'_>, names: &[Identifier], at: &At<'_>, findings: &mut Findings) -> Vec<Identifier> {
    let each = names.iter().enumerate();
    let found = each.filter_map(|(position, name)| {
        rows.catalog.find_role(name.as_str(), at.document, &at.key(position).pointer, findings)
    });
    found.collect()
}
