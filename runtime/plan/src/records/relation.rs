//! The masked relation: the rows and cells a grant shows, and nothing else to filter, order or count by.

use sea_query::{CaseStatement, Query, SelectStatement};
use trellis_access::{FieldMask, Grant};
use trellis_metadata::snapshot::system_field;

use super::lowering::{Lowering, column, from};
use super::predicate::{Frame, Sight};
use super::write::within;
use crate::error::Error;
use crate::request::Trash;

impl<'a> Lowering<'a> {
    /// `FROM` the rows the grant shows, with at least these fields (and the id) usable under the frame's alias.
    ///
    /// Where every granted row shows them all this is the table itself; else a sub-query whose cells are null where
    /// no single coverage shows them.
    pub fn visible(
        &mut self,
        grant: &'a Grant,
        fields: &FieldMask,
        trash: Trash,
    ) -> Result<(SelectStatement, Frame<'a>), Error> {
        let object = self.object(grant.object());
        let raw = Frame::rule(object, self.alias());
        let mut rows = from(object, &raw.alias);
        rows.and_where(within(trash, raw.cell(system_field::DELETED_AT)));
        if *grant.rows() != trellis_metadata::predicate::Predicate::Always(true) {
            let granted = self.condition(&raw, grant.rows())?;
            rows.and_where(granted);
        }
        let seen = |alias| Frame { alias, object, sight: Sight::Caller(grant) };
        if fields.iter().all(|field| grant.mask(field).is_none()) {
            return Ok((rows, seen(raw.alias)));
        }
        let mut fields = fields.clone();
        fields.insert(system_field::ID);
        for field in fields.iter() {
            if !grant.covers(field) {
                return Err(raw.hidden(field));
            }
            let cell = match grant.mask(field) {
                None => raw.cell(field),
                Some(mask) => CaseStatement::new().case(self.condition(&raw, &mask)?, raw.cell(field)).into(),
            };
            rows.expr_as(cell, column(object, field));
        }
        let alias = self.alias();
        Ok((Query::select().from_subquery(rows, alias.clone()).to_owned(), seen(alias)))
    }
}
