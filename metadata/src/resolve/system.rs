//! The fields the runtime itself keeps on every record.

use crate::column::ColumnKind;
use crate::identifier::Identifier;
use crate::label::{Label, LocalizedText};
use crate::snapshot::{Field, FieldIndex, FieldKind, OnDelete, Origin, Relation, platform_object, system_field};

/// In the order of [`system_field`].
pub fn fields() -> Vec<Field> {
    let user = || FieldKind::User(relation(platform_object::USER));
    let unit = FieldKind::Lookup(relation(platform_object::ORG_UNIT));
    let version = FieldKind::Integer { min: None, max: None };
    let rows = [
        ("id", FieldKind::Id, ColumnKind::Id, ["Id", "ID", "ID"]),
        ("created_at", FieldKind::DateTime, ColumnKind::DateTime, ["Created at", "创建时间", "建立時間"]),
        ("created_by", user(), ColumnKind::Id, ["Created by", "创建人", "建立人"]),
        ("updated_at", FieldKind::DateTime, ColumnKind::DateTime, ["Updated at", "更新时间", "更新時間"]),
        ("updated_by", user(), ColumnKind::Id, ["Updated by", "更新人", "更新人"]),
        ("owner_id", user(), ColumnKind::Id, ["Owner", "所有者", "擁有者"]),
        ("org_unit_id", unit, ColumnKind::Id, ["Unit", "所属部门", "所屬部門"]),
        ("version", version, ColumnKind::Integer, ["Version", "版本", "版本"]),
        ("deleted_at", FieldKind::DateTime, ColumnKind::DateTime, ["Deleted at", "删除时间", "刪除時間"]),
    ];
    debug_assert_eq!(rows.len(), system_field::COUNT);
    rows.into_iter()
        .enumerate()
        .map(|(index, (name, kind, column, label))| field(index, name, kind, column, label))
        .collect()
}

fn field(index: usize, name: &str, kind: FieldKind, column: ColumnKind, label: [&str; 3]) -> Field {
    let name = identifier(name);
    let [en, zh_cn, zh_tw] = label.map(|text| Some(text.to_owned()));
    Field {
        index: FieldIndex(index),
        id: name.clone(),
        name,
        aliases: Vec::new(),
        label: Label::Localized(LocalizedText { en, zh_cn, zh_tw }),
        help: Label::Missing,
        kind,
        column,
        required: false,
        default: None,
        unique: false,
        external_id: false,
        indexed: false,
        immutable: false,
        history: true,
        origin: Origin::System,
    }
}

/// Users and units see no collection of everything they own: that is a filter, not a relation to walk.
fn relation(target: crate::snapshot::ObjectIndex) -> Relation {
    Relation { target, collection: identifier("system"), on_delete: OnDelete::Restrict }
}

#[expect(clippy::expect_used, reason = "called with literals that are valid names; a test builds them all")]
fn identifier(name: &str) -> Identifier {
    Identifier::new(name).expect("a valid name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_where_the_snapshot_says() {
        let fields = fields();
        let at = |index: FieldIndex| fields[index.0].name.as_str();
        assert_eq!(at(system_field::ID), "id");
        assert_eq!(at(system_field::CREATED_AT), "created_at");
        assert_eq!(at(system_field::CREATED_BY), "created_by");
        assert_eq!(at(system_field::UPDATED_AT), "updated_at");
        assert_eq!(at(system_field::UPDATED_BY), "updated_by");
        assert_eq!(at(system_field::OWNER_ID), "owner_id");
        assert_eq!(at(system_field::ORG_UNIT_ID), "org_unit_id");
        assert_eq!(at(system_field::VERSION), "version");
        assert_eq!(at(system_field::DELETED_AT), "deleted_at");
    }
}
