//! Tells people of a record: those meant who may read it, each in his language and with the fields he may read.

use serde_json::{Value as Json, json};
use trellis_engine::identity::find_actor;
use trellis_engine::records::{Authority, Image, Transaction, reads};
use trellis_engine::{Caller, Error, Notification, notify, users_with_role};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{Approve, Notify, Object, Recipients, system_field};
use uuid::Uuid;

use crate::carry::Scene;
use crate::claim::now;
use crate::machine::Place;
use crate::template::{self, Fault};
use crate::text::text;

/// What is told, before it is worded for one reader.
struct Message<'m> {
    title: &'m str,
    body: &'m str,
    link: bool,
}

/// What came of telling.
#[derive(Default)]
struct Told {
    people: u64,
    /// Meant, but without the right to read the record.
    may_not_read: u64,
    fault: Option<String>,
}

/// A template that could not be filled, or a failure below.
enum Trouble {
    Template(Fault),
    Engine(Error),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Trouble::Template(fault)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Trouble::Engine(error)
    }
}

impl Scene<'_> {
    pub fn notify(&self, tx: &Transaction<'_>, step: &Notify, place: &Place) -> Result<Json, Error> {
        let message = Message { title: &step.title, body: &step.body, link: step.link_to_record };
        self.tell(tx, &step.to, place, &|_| None, &message)
    }

    /// Tells the approvers that something waits for them.
    pub fn ask(&self, tx: &Transaction<'_>, approve: &Approve, place: &Place) -> Result<Json, Error> {
        let title = |locale| {
            let name = self.workflow.label.or_name(locale, self.workflow.name.as_str());
            Some(match locale {
                Locale::En => format!("Approval needed: {name}"),
                Locale::ZhCn => format!("待审批：{name}"),
                Locale::ZhTw => format!("待簽核：{name}"),
            })
        };
        let record_name = self.object.field(self.object.record_name).name.as_str();
        let body = format!("{{{{record.{record_name}}}}}");
        self.tell(tx, &approve.approvers, place, &title, &Message { title: "", body: &body, link: true })
    }

    fn tell(
        &self,
        tx: &Transaction<'_>,
        to: &Recipients,
        place: &Place,
        fixed_title: &dyn Fn(Locale) -> Option<String>,
        message: &Message<'_>,
    ) -> Result<Json, Error> {
        let mut result = Told::default();
        for user in self.recipients(tx, to)? {
            let actor = tx.with_session(|session| find_actor(session, tx.pinned, user))?;
            let Some(reader) = actor.map(|actor| Caller::new(tx.pinned, actor)) else { continue };
            let locale = reader.actor.locale;
            let worded = tx.acting_as(&reader, Authority::Caller, tx.depth, |tx| {
                if !reads(tx, self.object, &self.record, system_field::ID)? {
                    return Ok(None);
                }
                let title = match fixed_title(locale) {
                    Some(title) => title,
                    None => self.word(tx, message.title, &mut result.fault)?,
                };
                Ok(Some((title, self.word(tx, message.body, &mut result.fault)?)))
            })?;
            let Some((title, body)) = worded else {
                result.may_not_read += 1;
                continue;
            };
            let notification = Notification {
                id: Uuid::now_v7(),
                user,
                at: now(),
                title: if title.trim().is_empty() { self.plain_title(locale) } else { title },
                body,
                link: message.link.then(|| self.link()),
                read_at: None,
                dedup_key: format!("{}:{}:{place}:{user}", self.run.workflow, self.run.event),
            };
            result.people += u64::from(tx.with_session(|session| Ok(notify(session, &notification)?))?);
        }
        Ok(result.to_json())
    }

    fn recipients(&self, tx: &Transaction<'_>, to: &Recipients) -> Result<Vec<Uuid>, Error> {
        let one = |id: Option<Uuid>| Ok(id.into_iter().collect());
        match to {
            Recipients::Role(role) => tx.with_session(|session| Ok(users_with_role(session, role.as_str())?)),
            Recipients::Owner => one(self.record.get(system_field::OWNER_ID).as_id()),
            Recipients::User(field) => one(self.record.get(*field).as_id()),
            Recipients::Starter => one(self.event.actor),
        }
    }

    /// The text for the reader whose transaction it is; empty, with the reason noted, when it cannot be filled.
    fn word(&self, tx: &Transaction<'_>, template: &str, fault: &mut Option<String>) -> Result<String, Error> {
        let filled = template::render::<Trouble>(template, |path| Ok(read_path(tx, self.object, &self.record, path)?));
        match filled {
            Ok(text) => Ok(text),
            Err(Trouble::Engine(error)) => Err(error),
            Err(Trouble::Template(found)) => {
                fault.get_or_insert_with(|| found.to_string());
                Ok(String::new())
            }
        }
    }

    fn plain_title(&self, locale: Locale) -> String {
        self.workflow.label.or_name(locale, self.workflow.name.as_str())
    }

    fn link(&self) -> String {
        format!("/t/{}/app/{}/{}", self.tenant, self.object.name, self.event.record)
    }
}

/// The text at the end of a path of fields; empty where the reader may not look, `None` where there is no such field.
fn read_path(tx: &Transaction<'_>, object: &Object, record: &Image, path: &str) -> Result<Option<String>, Error> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let Some(field) = object.field_by_name(name) else { return Ok(None) };
    let Some(relation) = field.kind.relation() else {
        if rest.is_some() {
            return Ok(None);
        }
        let readable = reads(tx, object, record, field.index)?;
        let actor = &tx.caller.actor;
        return Ok(Some(if readable {
            text(field, record.get(field.index), actor.locale, actor.time_zone)
        } else {
            String::new()
        }));
    };
    let target = tx.object(relation.target);
    let rest = rest.unwrap_or_else(|| target.field(target.record_name).name.as_str());
    let id = record.get(field.index).as_id();
    let related = match id {
        Some(id) if reads(tx, object, record, field.index)? => tx.load(relation.target, id)?,
        _ => None,
    };
    match related {
        Some(related) => read_path(tx, target, &related, rest),
        None => Ok(Some(String::new())),
    }
}

impl Told {
    fn to_json(&self) -> Json {
        let mut json = json!({ "told": self.people });
        if self.may_not_read > 0 {
            json["may_not_read"] = self.may_not_read.into();
        }
        if let Some(fault) = &self.fault {
            json["template_fault"] = fault.as_str().into();
        }
        json
    }
}
