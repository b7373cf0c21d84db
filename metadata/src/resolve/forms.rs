//! Stage 15: forms. Sections of fields and line items, and the buttons beside them.

use super::catalog::{Catalog, Item, find_field};
use super::expressions::{At, Compiler, Use};
use super::findings::Findings;
use crate::document::form::{self, Audience as AudienceDocument};
use crate::expression::Expression;
use crate::identifier::Identifier;
use crate::snapshot::{Audience, Form, FormAction, FormField, FormSection, LineItems, Object, SectionContent};

pub fn resolve(catalog: &Catalog<'_>, compiler: &Compiler<'_>, findings: &mut Findings) -> Vec<Form> {
    catalog.forms.iter().filter_map(|item| resolve_one(item, catalog, compiler, findings)).collect()
}

fn resolve_one(
    item: &Item<'_, form::Form>,
    catalog: &Catalog<'_>,
    compiler: &Compiler<'_>,
    findings: &mut Findings,
) -> Option<Form> {
    let (document, body) = (item.document, item.body);
    let index = catalog.find_object(&body.object, document, "/object", findings)?;
    let object = compiler.object(index);
    let mut sections = Vec::new();
    for (position, section) in body.sections.iter().enumerate() {
        let at = At::new(document, format!("/sections/{position}"));
        sections.extend(resolve_section(section, object, compiler, &at, findings));
    }
    let each = body.actions.iter().enumerate();
    let actions = each
        .filter_map(|(position, action)| {
            resolve_action(action, object, &At::new(document, format!("/actions/{position}")), findings)
        })
        .collect();
    Some(Form {
        name: document.name.clone(),
        object: index,
        label: document.label.clone(),
        audience: body.audience.iter().map(|audience| audience_of(*audience)).collect(),
        sections,
        actions,
    })
}

fn audience_of(audience: AudienceDocument) -> Audience {
    match audience {
        AudienceDocument::Desktop => Audience::Desktop,
        AudienceDocument::Phone => Audience::Phone,
        AudienceDocument::Create => Audience::Create,
        AudienceDocument::Edit => Audience::Edit,
    }
}

fn resolve_section(
    section: &form::Section,
    object: &Object,
    compiler: &Compiler<'_>,
    at: &At<'_>,
    findings: &mut Findings,
) -> Option<FormSection> {
    let visible_when =
        optional_condition(section.visible_when.as_deref(), object, compiler, &at.key("visible_when"), findings);
    let content = match (&section.fields, &section.line_items) {
        (Some(fields), None) => SectionContent::Fields(resolve_fields(fields, object, compiler, at, findings)),
        (None, Some(items)) => {
            SectionContent::LineItems(resolve_line_items(items, object, compiler, &at.key("line_items"), findings)?)
        }
        _ => {
            findings.error(at.document, &at.pointer, "missing_key", "a section has either `fields` or `line_items`");
            return None;
        }
    };
    Some(FormSection { label: section.label.clone(), columns: section.columns.unwrap_or(1), visible_when, content })
}

fn resolve_fields(
    fields: &[form::FormField],
    object: &Object,
    compiler: &Compiler<'_>,
    at: &At<'_>,
    findings: &mut Findings,
) -> Vec<FormField> {
    let mut resolved = Vec::new();
    for (position, written) in fields.iter().enumerate() {
        let at = at.key(format!("fields/{position}"));
        let field = find_field(object, &written.field, at.document, &at.key("field").pointer, findings);
        let mut condition = |source: &Option<String>, key: &str| {
            optional_condition(source.as_deref(), object, compiler, &at.key(key), findings)
        };
        let visible_when = condition(&written.visible_when, "visible_when");
        let required_when = condition(&written.required_when, "required_when");
        let readonly_when = condition(&written.readonly_when, "readonly_when");
        resolved.extend(field.map(|field| FormField {
            field: field.index,
            visible_when,
            required_when,
            readonly_when,
        }));
    }
    resolved
}

fn resolve_line_items(
    items: &form::LineItems,
    object: &Object,
    compiler: &Compiler<'_>,
    at: &At<'_>,
    findings: &mut Findings,
) -> Option<LineItems> {
    let name = items.collection.as_str();
    let Some(collection) = object.collections.iter().position(|collection| collection.name.as_str() == name) else {
        let known = object.collections.iter().map(|collection| collection.name.as_str());
        let message = format!("`{}` has no collection `{name}`", object.name);
        findings.unknown(at.document, &at.key("collection").pointer, "unknown_collection", message, name, known);
        return None;
    };
    let child = compiler.object(object.collections[collection].object);
    let mut find_all = |names: &[Identifier], key: &str| {
        let each = names.iter().enumerate();
        let found = each.filter_map(|(position, name)| {
            find_field(child, name, at.document, &at.key(format!("{key}/{position}")).pointer, findings)
        });
        found.map(|field| field.index).collect()
    };
    Some(LineItems { collection, fields: find_all(&items.fields, "fields"), totals: find_all(&items.totals, "totals") })
}

fn optional_condition(
    source: Option<&str>,
    object: &Object,
    compiler: &Compiler<'_>,
    at: &At<'_>,
    findings: &mut Findings,
) -> Option<Expression> {
    source.and_then(|source| compiler.condition(source, (object.index, Use::Condition), at, findings))
}

fn resolve_action(text: &str, object: &Object, at: &At<'_>, findings: &mut Findings) -> Option<FormAction> {
    match text {
        "transition:*" => return Some(FormAction::AllTransitions),
        "print" => return Some(FormAction::Print),
        "edit" => return Some(FormAction::Edit),
        "delete" => return Some(FormAction::Delete),
        _ => {}
    }
    let Some(name) = text.strip_prefix("transition:") else {
        let known = ["print", "edit", "delete", "transition:*"].into_iter();
        findings.unknown(
            at.document,
            &at.pointer,
            "not_an_option",
            format!("there is no action `{text}`"),
            text,
            known,
        );
        return None;
    };
    let transitions = object.state_machine.iter().flat_map(|machine| &machine.transitions);
    if let Some(transition) = transitions.clone().find(|transition| transition.name.as_str() == name) {
        return Some(FormAction::Transition(transition.name.clone()));
    }
    let message = format!("`{}` has no transition `{name}`", object.name);
    let known = transitions.map(|transition| transition.name.as_str());
    findings.unknown(at.document, &at.pointer, "unknown_transition", message, name, known);
    None
}
