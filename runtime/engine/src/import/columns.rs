//! What a column of a file stands for, for one caller.
//!
//! A column is named like a field, now or formerly, like its label in any language, or like a lookup and a key of the
//! record it points at: `dealer.code`. A name the caller may neither see nor write is answered as one that is not there.

use trellis_access::Profile;
use trellis_metadata::label::{Label, Locale, LocalizedText};
use trellis_metadata::snapshot::{Field, FieldIndex, Object, Snapshot, Verb, system_field};

use crate::{Finding, FindingCode};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Id,
    Field(FieldIndex),
    /// A lookup, by a key of what it points at.
    Reference {
        field: FieldIndex,
        key: FieldIndex,
    },
}

impl Column {
    pub fn field(self) -> FieldIndex {
        match self {
            Column::Id => system_field::ID,
            Column::Field(field) | Column::Reference { field, .. } => field,
        }
    }
}

#[derive(Clone, Copy)]
pub struct Finder<'a> {
    pub snapshot: &'a Snapshot,
    pub profile: &'a Profile,
    pub object: &'a Object,
}

impl Finder<'_> {
    pub fn find(&self, name: &str) -> Result<Column, FindingCode> {
        let name = name.trim();
        if name == "id" {
            return Ok(Column::Id);
        }
        if let Some(field) = self.named(name) {
            return self.writable(field).map(|field| Column::Field(field.index));
        }
        let (lookup, key) = name.split_once('.').ok_or(FindingCode::UnknownField)?;
        let field = self.named(lookup).ok_or(FindingCode::UnknownField)?;
        let field = self.writable(field)?;
        let relation = field.kind.relation().ok_or(FindingCode::UnknownField)?;
        let target = self.snapshot.object(relation.target);
        let key = target.field_by_name(key).filter(|key| key.unique || key.external_id);
        let key = key.filter(|key| self.covers(target, key, Verb::Read)).ok_or(FindingCode::UnknownField)?;
        Ok(Column::Reference { field: field.index, key: key.index })
    }

    fn named(&self, name: &str) -> Option<&Field> {
        let is_known = |field: &&Field| {
            [Verb::Read, Verb::Create, Verb::Update].into_iter().any(|verb| self.covers(self.object, field, verb))
        };
        if let Some(field) = self.object.field_by_name(name) {
            return Some(field).filter(is_known);
        }
        let is_labelled = |field: &&Field| Locale::ALL.into_iter().any(|locale| field.label.get(locale) == Some(name));
        let mut labelled = self.object.fields.iter().filter(is_known).filter(is_labelled);
        // Two fields of one label are told apart by their names only.
        labelled.next().filter(|_| labelled.next().is_none())
    }

    fn writable<'f>(&self, field: &'f Field) -> Result<&'f Field, FindingCode> {
        if !field.writable() {
            return Err(FindingCode::Immutable);
        }
        let may = [Verb::Create, Verb::Update].into_iter().any(|verb| self.covers(self.object, field, verb));
        if may { Ok(field) } else { Err(FindingCode::ForbiddenField) }
    }

    fn covers(&self, object: &Object, field: &Field, verb: Verb) -> bool {
        self.profile.grant(object.index, verb).is_some_and(|grant| grant.covers(field.index))
    }
}

/// Why a column of this name cannot be imported.
pub fn finding(name: &str, code: FindingCode) -> Finding {
    let said = |en: String, zh_cn: String, zh_tw: String| {
        Label::Localized(LocalizedText { en: Some(en), zh_cn: Some(zh_cn), zh_tw: Some(zh_tw) })
    };
    let message = match &code {
        FindingCode::UnknownField => {
            said(format!("There is no field `{name}`."), format!("没有字段 `{name}`。"), format!("沒有欄位 `{name}`。"))
        }
        FindingCode::Immutable => said(
            format!("`{name}` is filled in by the system; leave the column out with `columns`."),
            format!("`{name}` 由系统填写；请用 `columns` 忽略该列。"),
            format!("`{name}` 由系統填寫；請用 `columns` 忽略該欄。"),
        ),
        _ => Label::Missing,
    };
    Finding { message, ..Finding::new(format!("/{name}"), code) }
}
