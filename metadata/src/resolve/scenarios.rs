//! Stage 18: scenarios. Their objects and roles exist, and each action does one thing; running them is elsewhere.

use super::catalog::Catalog;
use super::expressions::At;
use super::findings::Findings;
use crate::document::scenario::Action;

pub fn check(catalog: &Catalog<'_>, findings: &mut Findings) {
    for item in &catalog.scenarios {
        for (key, actions) in [("/given", &item.body.given), ("/when", &item.body.when)] {
            for (position, action) in actions.iter().enumerate() {
                check_action(action, &At::new(item.document, format!("{key}/{position}")), catalog, findings);
            }
        }
        let roles = item.body.actor.iter().flat_map(|actor| &actor.roles).enumerate();
        for (position, role) in roles {
            catalog.find_role(role.as_str(), item.document, &format!("/actor/roles/{position}"), findings);
        }
        for (position, expectation) in item.body.then.iter().enumerate() {
            if expectation.record.is_some() == expectation.error.is_some() {
                let message = "an expectation names either a `record` or an `error`";
                findings.error(item.document, &format!("/then/{position}"), "missing_key", message);
            }
        }
    }
}

fn check_action(action: &Action, at: &At<'_>, catalog: &Catalog<'_>, findings: &mut Findings) {
    let verbs = [action.create.is_some(), action.update.is_some(), action.delete.is_some()];
    if verbs.into_iter().filter(|given| *given).count() != 1 {
        let message = "an action has exactly one of `create`, `update` and `delete`";
        findings.error(at.document, &at.pointer, "missing_key", message);
    }
    if let Some(object) = &action.create {
        catalog.find_object(object, at.document, &at.key("create").pointer, findings);
    }
}
