//! Who a notification or an approval goes to, and who a workflow runs as: four fixed forms, not an expression.

use super::catalog::{Catalog, find_field};
use super::expressions::At;
use super::findings::Findings;
use crate::identifier::Identifier;
use crate::snapshot::{FieldKind, Object, Recipients, RunAs};

pub fn resolve(
    text: &str,
    object: &Object,
    at: &At<'_>,
    catalog: &Catalog<'_>,
    findings: &mut Findings,
) -> Option<Recipients> {
    let text = text.trim();
    if let Some(role) = role_name(text) {
        return find_role(role, at, catalog, findings).map(Recipients::Role);
    }
    match text {
        "owner" => return Some(Recipients::Owner),
        "starter" => return Some(Recipients::Starter),
        _ => {}
    }
    let name = text.strip_prefix("record.").and_then(|name| Identifier::new(name).ok());
    let Some(name) = name else {
        findings
            .error(at.document, &at.pointer, "unknown_recipient", format!("`{text}` names nobody"))
            .help("write role('name'), owner, starter or record.<user field>");
        return None;
    };
    let field = find_field(object, &name, at.document, &at.pointer, findings)?;
    if matches!(field.kind, FieldKind::User(_)) {
        return Some(Recipients::User(field.index));
    }
    if !findings.mentions_broken(name.as_str()) {
        findings.error(at.document, &at.pointer, "wrong_type", format!("`{name}` is not a user field"));
    }
    None
}

/// `starter` unless said.
pub fn run_as(text: Option<&str>, at: &At<'_>, catalog: &Catalog<'_>, findings: &mut Findings) -> RunAs {
    match text.map(str::trim) {
        None | Some("starter") => RunAs::Starter,
        Some(text) => {
            let role = role_name(text).and_then(|role| find_role(role, at, catalog, findings));
            if role.is_none() && role_name(text).is_none() {
                findings
                    .error(at.document, &at.pointer, "unknown_recipient", format!("`{text}` is not somebody to run as"))
                    .help("write starter or role('name')");
            }
            role.map_or(RunAs::Starter, RunAs::Role)
        }
    }
}

/// `role('storekeeper')` → `storekeeper`; either quote.
fn role_name(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("role(")?.strip_suffix(')')?.trim();
    let single = inner.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\''));
    single.or_else(|| inner.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')))
}

fn find_role(name: &str, at: &At<'_>, catalog: &Catalog<'_>, findings: &mut Findings) -> Option<Identifier> {
    catalog.find_role(name, at.document, &at.pointer, findings)
}

#[cfg(test)]
mod tests {
    use super::role_name;

    #[test]
    fn reads_role_names() {
        let rows = [
            ("role('a')", Some("a")),
            ("role(\"a\")", Some("a")),
            ("role( 'a' )", Some("a")),
            ("role(a)", None),
            ("role('a\")", None),
            ("role(')", None),
            ("owner", None),
        ];
        for (text, expected) in rows {
            assert_eq!(role_name(text), expected, "{text}");
        }
    }
}
