//! Stage 14: views. Columns, filter, order and colours of a list.

use super::catalog::{Catalog, Item, find_field};
use super::expressions::{At, Compiler, Use};
use super::findings::Findings;
use crate::column::ColumnKind;
use crate::document::view::{self, Direction};
use crate::snapshot::{ColorRule, SortKey, View};

pub fn resolve(catalog: &Catalog<'_>, compiler: &Compiler<'_>, findings: &mut Findings) -> Vec<View> {
    catalog.views.iter().filter_map(|item| resolve_one(item, catalog, compiler, findings)).collect()
}

fn resolve_one(
    item: &Item<'_, view::View>,
    catalog: &Catalog<'_>,
    compiler: &Compiler<'_>,
    findings: &mut Findings,
) -> Option<View> {
    let (document, body) = (item.document, item.body);
    let index = catalog.find_object(&body.object, document, "/object", findings)?;
    let object = compiler.object(index);
    let mut columns = Vec::new();
    for (at, name) in body.columns.iter().enumerate() {
        let found = find_field(object, name, document, &format!("/columns/{at}"), findings);
        columns.extend(found.map(|field| field.index));
    }
    let filter = body.filter.as_ref();
    let filter = filter.and_then(|source| compiler.predicate(source, index, &At::new(document, "/filter"), findings));
    let mut sort = Vec::new();
    for (at, key) in body.sort.iter().enumerate() {
        let pointer = format!("/sort/{at}/field");
        let Some(field) = find_field(object, &key.field, document, &pointer, findings) else { continue };
        if field.column == ColumnKind::Json && !findings.mentions_broken(key.field.as_str()) {
            findings.error(document, &pointer, "not_allowed", format!("values of `{}` have no order", key.field));
        }
        sort.push(SortKey { field: field.index, descending: key.direction == Some(Direction::Desc) });
    }
    let mut color_rules = Vec::new();
    for (position, rule) in body.color_rules.iter().enumerate() {
        let at = At::new(document, format!("/color_rules/{position}/when"));
        let when = compiler.condition(&rule.when, (index, Use::Condition), &at, findings);
        color_rules.extend(when.map(|when| ColorRule { when, color: rule.color.clone() }));
    }
    Some(View {
        name: document.name.clone(),
        object: index,
        label: document.label.clone(),
        columns,
        filter,
        sort,
        color_rules,
    })
}
