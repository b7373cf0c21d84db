//! The steps of a workflow: what each sets, whom it tells, which branch it takes.

use indexmap::IndexMap;

use super::catalog::{Catalog, find_field};
use super::expressions::{At, Compiler, Use, value_type};
use super::findings::Findings;
use super::recipients;
use crate::document::workflow::{self, Step as Written};
use crate::expression::Expression;
use crate::identifier::Identifier;
use crate::snapshot::{
    Approve, FieldIndex, FieldKind, Notify, Object, Step, SwitchCase, Timing, UpdateTarget, system_field,
};
use crate::source::join_pointer;

/// What the steps of one workflow are resolved against.
pub struct Program<'a, 'c> {
    pub catalog: &'a Catalog<'c>,
    pub compiler: &'a Compiler<'a>,
    /// The object of the record that starts a run.
    pub object: &'a Object,
    pub timing: Timing,
}

impl Program<'_, '_> {
    pub fn steps(&self, steps: &[Written], at: &At<'_>, findings: &mut Findings) -> Vec<Step> {
        let each = steps.iter().enumerate();
        each.filter_map(|(position, step)| self.step(step, &at.key(position), findings)).collect()
    }

    fn step(&self, step: &Written, at: &At<'_>, findings: &mut Findings) -> Option<Step> {
        self.check_timing(step, at, findings);
        match step {
            Written::Set(values) => {
                Some(Step::Set(self.values(values, (self.object, false), &at.key("set"), findings)))
            }
            Written::Create(create) => self.create(create, &at.key("create"), findings),
            Written::Update(update) => self.update(update, &at.key("update"), findings),
            Written::Switch(cases) => Some(Step::Switch(self.cases(cases, &at.key("switch"), findings))),
            Written::Notify(notify) => self.notify(notify, &at.key("notify"), findings),
            Written::Approve(approve) => self.approve(approve, &at.key("approve"), findings),
        }
    }

    /// Before save there is no record yet to tell about or wait for; after the commit there is nothing left to set.
    fn check_timing(&self, step: &Written, at: &At<'_>, findings: &mut Findings) {
        let (key, fits, help) = match step {
            Written::Switch(_) => return,
            Written::Set(_) => ("set", Timing::BeforeSave, "use `update` after the commit, or trigger `before_save`"),
            Written::Create(_) => ("create", Timing::AfterCommit, "trigger `after_commit`"),
            Written::Update(_) => ("update", Timing::AfterCommit, "use `set` before save, or trigger `after_commit`"),
            Written::Notify(_) => ("notify", Timing::AfterCommit, "trigger `after_commit`"),
            Written::Approve(_) => ("approve", Timing::AfterCommit, "trigger `after_commit`"),
        };
        if self.timing != fits {
            let when = if self.timing == Timing::BeforeSave { "before save" } else { "after the commit" };
            let message = format!("`{key}` cannot run {when}");
            findings.key_error(at.document, &at.key(key).pointer, "not_allowed", message).help(help);
        }
    }

    /// A created record may be given an owner and a unit; an existing one changes them by transfer only.
    fn values(
        &self,
        values: &IndexMap<Identifier, String>,
        (target, creates): (&Object, bool),
        at: &At<'_>,
        findings: &mut Findings,
    ) -> Vec<(FieldIndex, Expression)> {
        let mut resolved = Vec::new();
        for (name, source) in values {
            let at = At::new(at.document, join_pointer(&at.pointer, name.as_str()));
            let Some(field) = find_field(target, name, at.document, &at.pointer, findings) else { continue };
            let handed_on = creates && matches!(field.index, system_field::OWNER_ID | system_field::ORG_UNIT_ID);
            if !field.writable() && !handed_on {
                findings.key_error(
                    at.document,
                    &at.pointer,
                    "not_writable",
                    format!("`{name}` is kept by the runtime"),
                );
                continue;
            }
            let of = (self.object.index, Use::Change);
            let value = self.compiler.compile(source, of, value_type(field), &at, findings);
            resolved.extend(value.map(|value| (field.index, value)));
        }
        resolved
    }

    fn create(&self, create: &workflow::Create, at: &At<'_>, findings: &mut Findings) -> Option<Step> {
        let object = self.catalog.find_object(&create.object, at.document, &at.key("object").pointer, findings)?;
        let values = self.values(&create.set, (self.compiler.object(object), true), &at.key("set"), findings);
        Some(Step::Create { object, values })
    }

    fn update(&self, update: &workflow::Update, at: &At<'_>, findings: &mut Findings) -> Option<Step> {
        let (target, object) = self.update_target(&update.record, &at.key("record"), findings)?;
        let values = self.values(&update.set, (object, false), &at.key("set"), findings);
        Some(Step::Update { target, values })
    }

    fn update_target(&self, text: &str, at: &At<'_>, findings: &mut Findings) -> Option<(UpdateTarget, &Object)> {
        if text == "record" {
            return Some((UpdateTarget::Record, self.object));
        }
        let Some(name) = text.strip_prefix("record.").and_then(|name| Identifier::new(name).ok()) else {
            findings
                .error(at.document, &at.pointer, "bad_format", format!("`{text}` names no record"))
                .help("write record or record.<lookup field>");
            return None;
        };
        let field = find_field(self.object, &name, at.document, &at.pointer, findings)?;
        let Some(relation) = field.kind.relation() else {
            findings.error(at.document, &at.pointer, "wrong_type", format!("`{name}` is not a lookup"));
            return None;
        };
        Some((UpdateTarget::Lookup(field.index), self.compiler.object(relation.target)))
    }

    fn cases(&self, cases: &[workflow::Case], at: &At<'_>, findings: &mut Findings) -> Vec<SwitchCase> {
        let mut resolved = Vec::new();
        for (position, case) in cases.iter().enumerate() {
            let at = at.key(position);
            if case.when.is_none() && position + 1 < cases.len() {
                findings.error(at.document, &at.pointer, "missing_key", "only the last case may be without `when`");
            }
            let when = case.when.as_ref().map(|source| {
                self.compiler.condition(source, (self.object.index, Use::Change), &at.key("when"), findings)
            });
            let steps = self.steps(&case.steps, &at.key("steps"), findings);
            match when {
                None => resolved.push(SwitchCase { when: None, steps }),
                Some(Some(when)) => resolved.push(SwitchCase { when: Some(when), steps }),
                Some(None) => {}
            }
        }
        resolved
    }

    fn notify(&self, notify: &workflow::Notify, at: &At<'_>, findings: &mut Findings) -> Option<Step> {
        self.check_template(&notify.title, &at.key("title"), findings);
        self.check_template(&notify.body, &at.key("body"), findings);
        let to = recipients::resolve(&notify.to, self.object, &at.key("to"), self.catalog, findings)?;
        Some(Step::Notify(Box::new(Notify {
            to,
            title: notify.title.clone(),
            body: notify.body.clone(),
            link_to_record: notify.link.is_some(),
        })))
    }

    fn approve(&self, approve: &workflow::Approve, at: &At<'_>, findings: &mut Findings) -> Option<Step> {
        let on_approve = self.steps(&approve.on_approve, &at.key("on_approve"), findings);
        let on_reject = self.steps(&approve.on_reject, &at.key("on_reject"), findings);
        let approvers =
            recipients::resolve(&approve.approvers, self.object, &at.key("approvers"), self.catalog, findings)?;
        Some(Step::Approve(Box::new(Approve {
            name: approve.name.clone(),
            approvers,
            due: approve.due.clone(),
            on_approve,
            on_reject,
        })))
    }

    /// `{{record.a}}` or `{{record.a.b}}`, and nothing else between braces.
    fn check_template(&self, text: &str, at: &At<'_>, findings: &mut Findings) {
        let mut rest = text;
        while let Some(open) = rest.find("{{") {
            let Some(length) = rest[open..].find("}}") else {
                findings.error(at.document, &at.pointer, "bad_format", "a `{{` is not closed");
                return;
            };
            self.check_placeholder(rest[open + 2..open + length].trim(), at, findings);
            rest = &rest[open + length + 2..];
        }
    }

    fn check_placeholder(&self, path: &str, at: &At<'_>, findings: &mut Findings) {
        let mut steps = path.split('.');
        if steps.next() != Some("record") {
            findings
                .error(at.document, &at.pointer, "bad_format", format!("`{{{{{path}}}}}` is not a field"))
                .help("write {{record.<field>}}");
            return;
        }
        let mut object = Some(self.object);
        for (depth, step) in steps.enumerate() {
            let (Some(within), Ok(name)) = (object, Identifier::new(step)) else {
                findings.error(at.document, &at.pointer, "bad_format", format!("`{path}` is not a path of fields"));
                return;
            };
            let Some(field) = find_field(within, &name, at.document, &at.pointer, findings) else { return };
            if matches!(field.kind, FieldKind::Json) && findings.mentions_broken(step) {
                return;
            }
            let relation = field.kind.relation().filter(|_| depth < 2);
            object = relation.map(|relation| self.compiler.object(relation.target));
        }
    }
}
