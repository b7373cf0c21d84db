//! The values of existing records when their field takes another type or other limits: which of them the new field
//! cannot hold, and the rewriting of the others.
//!
//! Values that were translated before come back as they were where nobody changed them since, so that a change of type
//! and its reverse leave every record as it was.

use trellis_metadata::field_type::{Conversion, from_stored, translate, type_name};
use trellis_metadata::identifier::Identifier;
use trellis_metadata::snapshot::{Field, Snapshot};
use trellis_metadata::value::Value;
use trellis_plan::tables::check::SAMPLES;
use trellis_plan::tables::translate::{PAGE, write};
use trellis_plan::tables::{Answer, Promise, Step};
use trellis_plan::{Arguments, Statement};
use trellis_storage::Session;
use uuid::Uuid;

use crate::Error;

/// The fields as they were and as they will be.
pub struct Types<'a> {
    pub before: &'a Snapshot,
    pub after: &'a Snapshot,
}

/// What becomes of one value.
#[derive(Debug, PartialEq)]
enum Reading {
    /// The value it had before it was translated.
    Back,
    As(Value),
    Lost,
}

impl Types<'_> {
    /// How many records hold a value that would be lost or refused, with the first of them.
    pub fn judge(&self, session: &mut dyn Session, pages: &Statement, step: &Step) -> Result<Answer, Error> {
        let Some(reader) = self.reader(step) else { return Ok(Answer::default()) };
        let mut answer = Answer::default();
        each_page(session, pages, |_, page| {
            for (id, was, back) in page {
                if reader.loses(&was, &reader.read(&was, back.as_ref())) {
                    answer.rows += 1;
                    if (answer.samples.len() as u64) < SAMPLES {
                        answer.samples.push(id);
                    }
                }
            }
            Ok(())
        })?;
        Ok(answer)
    }

    /// Carries a [`Step::TranslateColumn`] through the records, its table changed already.
    pub fn rewrite(&self, session: &mut dyn Session, step: &Step) -> Result<(), Error> {
        let dialect = session.dialect();
        let (Some(reader), Some(pages)) = (self.reader(step), step.translated(dialect)) else { return Ok(()) };
        let write = write(step.table(), &reader.to.id, reader.to.column, dialect);
        each_page(session, &pages, |session, page| {
            for (id, was, now) in page {
                let value = match reader.read(&was, now.as_ref()) {
                    Reading::Back => continue,
                    Reading::As(value) => value,
                    Reading::Lost => Value::Null,
                };
                if Some(&value) != now.as_ref() {
                    session.execute(&write, &Arguments::slots(&[Value::Id(id), value]))?;
                }
            }
            Ok(())
        })
    }

    fn reader<'s>(&'s self, step: &'s Step) -> Option<Reader<'s>> {
        match step {
            Step::TranslateColumn { table, was, column, .. } => Some(Reader {
                from: was.type_name(),
                before: field(self.before, table, &was.name),
                to: field(self.after, table, &column.name)?,
            }),
            Step::Tighten { table, column, promise: Promise::Limits { from, .. } } => {
                Some(Reader { from, before: None, to: field(self.after, table, column)? })
            }
            _ => None,
        }
    }
}

/// By stable ids.
fn field<'s>(snapshot: &'s Snapshot, object: &Identifier, field: &Identifier) -> Option<&'s Field> {
    let object = snapshot.objects.iter().find(|known| known.id == *object)?;
    object.fields.iter().find(|known| known.id == *field)
}

struct Reader<'a> {
    from: &'a str,
    /// The field whose values are read, where one is to be found.
    before: Option<&'a Field>,
    to: &'a Field,
}

impl Reader<'_> {
    fn read(&self, was: &Value, back: Option<&Value>) -> Reading {
        if self.is_untouched(was, back) {
            return Reading::Back;
        }
        translate(was, self.from, self.to).map_or(Reading::Lost, Reading::As)
    }

    /// The value is what the older one was translated to.
    fn is_untouched(&self, was: &Value, back: Option<&Value>) -> bool {
        let (Some(before), Some(back)) = (self.before, back) else { return false };
        translate(back, type_name(&self.to.kind), before).unwrap_or_default() == from_stored(before, was.clone())
    }

    fn loses(&self, was: &Value, reading: &Reading) -> bool {
        let simplifies = Conversion::between(self.from, type_name(&self.to.kind)) == Conversion::Simplify;
        match reading {
            Reading::Back => false,
            Reading::Lost => true,
            Reading::As(_) => simplifies && !was.is_null(),
        }
    }
}

type Page = Vec<(Uuid, Value, Option<Value>)>;

/// Record id, value, and the second value where the statement has one.
fn each_page(
    session: &mut dyn Session,
    pages: &Statement,
    mut each: impl FnMut(&mut dyn Session, Page) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut last = Uuid::nil();
    loop {
        let mut page = Page::new();
        session.query(pages, &Arguments::slots(&[Value::Id(last)]), &mut |row| {
            let value =
                |at: usize| pages.columns.get(at).map(|kind| row.cell(at, *kind).map(trellis_plan::Cell::to_value));
            let id = value(0).transpose()?.and_then(|id| id.as_id()).unwrap_or_default();
            page.push((id, value(1).transpose()?.unwrap_or_default(), value(2).transpose()?));
            Ok(())
        })?;
        let Some((id, _, _)) = page.last() else { return Ok(()) };
        last = *id;
        let is_last = (page.len() as u64) < PAGE;
        each(session, page)?;
        if is_last {
            return Ok(());
        }
    }
}
