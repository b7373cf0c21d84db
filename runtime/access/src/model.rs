//! The authoring model: the same grants as casbin policies (RBAC with domains, deny overrides).
//!
//! Casbin judges objects and verbs, never rows and cells, and never a request: tests hold the compiled profiles against
//! it, and an explanation may quote it. Whatever goes wrong here answers "no".

use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};
use trellis_metadata::identifier::Identifier;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{AdminAccess, Effect, FieldSet, GrantRule, ObjectIndex, RowRule, Snapshot, Verb};

use crate::error::Error;
use crate::roles::{MEMBER, TENANT_ADMIN};
use crate::rule::{by_field, member_fields, names_verb};

/// Request: subject, tenant, object, verb. A deny beats every allow.
pub const MODEL: &str = "
[request_definition]
r = sub, dom, obj, act

[policy_definition]
p = sub, dom, obj, act, eft

[role_definition]
g = _, _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = g(r.sub, p.sub, r.dom) && r.dom == p.dom && r.obj == p.obj && r.act == p.act
";

/// One policy line: role, tenant, object, verb, effect.
pub type Policy = [String; 5];

/// Every grant of every role as policy lines, built-in roles included. A deny of some rows or cells only takes away
/// rows and cells, so it is no line here.
pub fn policies(snapshot: &Snapshot, tenant: &str) -> Vec<Policy> {
    let mut lines = Vec::new();
    for object in &snapshot.objects {
        for verb in Verb::ALL {
            let mut line = |role: &str, effect: &str| {
                let words = [role, tenant, object.name.as_str(), verb.as_str(), effect];
                lines.push(words.map(str::to_owned));
            };
            if object.admin_access == AdminAccess::All {
                line(TENANT_ADMIN, "allow");
            }
            if member_fields(object, verb).is_some() {
                line(MEMBER, "allow");
            }
            for role in &snapshot.roles {
                for rule in role.grants.iter().filter(|rule| concerns(rule, object.index, verb)) {
                    line(role.name.as_str(), if rule.effect == Effect::Allow { "allow" } else { "deny" });
                }
            }
            for shared in snapshot.sharing_rules.iter().filter(|shared| concerns(&shared.rule, object.index, verb)) {
                let everybody = shared.roles.is_empty().then_some(MEMBER);
                shared.roles.iter().map(Identifier::as_str).chain(everybody).for_each(|role| line(role, "allow"));
            }
        }
    }
    lines
}

fn concerns(rule: &GrantRule, object: ObjectIndex, verb: Verb) -> bool {
    let named = rule.object == object && names_verb(rule, verb);
    let whole = (matches!(rule.fields, FieldSet::All) || !by_field(verb))
        && matches!(rule.rows, RowRule::Parent | RowRule::Predicate(Predicate::Always(true)));
    named && (rule.effect == Effect::Allow || whole)
}

/// Who inherits what: role, inherited role, tenant.
pub fn inheritance(snapshot: &Snapshot, tenant: &str) -> Vec<[String; 3]> {
    let name = |index: usize| snapshot.roles.get(index).map(|role| role.name.to_string());
    snapshot
        .roles
        .iter()
        .flat_map(|role| role.inherits.iter().filter_map(move |above| Some((role.name.to_string(), name(*above)?))))
        .map(|(role, above)| [role, above, tenant.to_owned()])
        .collect()
}

/// Casbin's judgement for one actor's roles.
pub struct Oracle {
    enforcer: Enforcer,
    tenant: String,
}

/// Never a role name: identifiers hold no colon.
const SUBJECT: &str = "user:actor";

impl Oracle {
    pub async fn new(snapshot: &Snapshot, tenant: &str, roles: &[Identifier]) -> Result<Self, Error> {
        Self::under(MODEL, snapshot, tenant, roles).await
    }

    async fn under(model: &str, snapshot: &Snapshot, tenant: &str, roles: &[Identifier]) -> Result<Self, Error> {
        let model = DefaultModel::from_str(model).await?;
        let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
        let lines = policies(snapshot, tenant).into_iter().map(Vec::from);
        for line in lines {
            enforcer.add_policy(line).await?;
        }
        for line in inheritance(snapshot, tenant) {
            enforcer.add_grouping_policy(line.into()).await?;
        }
        let member = (!roles.is_empty()).then_some(MEMBER);
        for role in roles.iter().map(Identifier::as_str).chain(member) {
            enforcer.add_grouping_policy(vec![SUBJECT.to_owned(), role.to_owned(), tenant.to_owned()]).await?;
        }
        Ok(Self { enforcer, tenant: tenant.to_owned() })
    }

    /// No on an empty policy set, on switched-off enforcement (both of which casbin itself may allow), and on error.
    pub fn allows(&self, object: &str, verb: Verb) -> bool {
        self.enforcer.is_enabled()
            && self.enforcer.get_all_policy().iter().any(|line| !line.is_empty())
            && self.enforcer.enforce((SUBJECT, self.tenant.as_str(), object, verb.as_str())).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use trellis_metadata::snapshot::{Object, ObjectIndex};

    use super::*;

    fn oracle(snapshot: &Snapshot) -> (tokio::runtime::Runtime, Oracle) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let roles = [Identifier::new(TENANT_ADMIN).unwrap()];
        let oracle = runtime.block_on(Oracle::new(snapshot, "acme", &roles)).unwrap();
        (runtime, oracle)
    }

    fn one_object() -> Snapshot {
        Snapshot::plain(vec![Object::plain(ObjectIndex(0), "case", Vec::new()).unwrap()])
    }

    #[test]
    fn no_policies_allow_nothing() {
        assert!(!oracle(&Snapshot::default()).1.allows("case", Verb::Read));
        let (runtime, mut oracle) = oracle(&one_object());
        assert!(oracle.allows("case", Verb::Read));
        runtime.block_on(oracle.enforcer.clear_policy()).unwrap();
        assert!(!oracle.allows("case", Verb::Read) && !oracle.allows("", Verb::Read));
    }

    #[test]
    fn switched_off_allows_nothing() {
        let (_, mut oracle) = oracle(&one_object());
        oracle.enforcer.enable_enforce(false);
        assert!(!oracle.allows("case", Verb::Read));
    }

    #[test]
    fn an_evaluation_error_allows_nothing() {
        let (runtime, _) = oracle(&one_object());
        let model = MODEL.replace("m = g(", "m = nonsense(r.sub) || g(");
        let roles = [Identifier::new(TENANT_ADMIN).unwrap()];
        let oracle = runtime.block_on(Oracle::under(&model, &one_object(), "acme", &roles)).unwrap();
        assert!(oracle.enforcer.enforce(("a", "b", "c", "d")).is_err());
        assert!(!oracle.allows("case", Verb::Read));
    }
}
