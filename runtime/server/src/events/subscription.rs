//! What one stream has told: which records, with what content, in which events. Pure; it reads nothing.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hasher};

use actix_web::web::Bytes;
use trellis_api::rest::EventsQuery;
use trellis_api::{ErrorCode, FieldError, Problem};
use uuid::Uuid;

use super::look::{Doubtful, Seen};

/// Records a stream can be of.
pub const MAX_RECORDS: usize = 5_000;
/// Events kept for a reader who comes back, and bytes of them.
const KEPT: usize = 256;
const KEPT_BYTES: usize = 1 << 20;

/// Who may take a stream up again: the same member, with the same question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub tenant: Uuid,
    pub user: Uuid,
    pub query: EventsQuery,
}

pub struct Subscription {
    pub id: Uuid,
    pub subject: Subject,
    /// What was told of each record in the list.
    known: HashMap<Uuid, u64>,
    /// Number of the next event.
    next: u64,
    sent: VecDeque<Bytes>,
    sent_bytes: usize,
}

/// The identifier of an event: of which stream, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventId {
    pub stream: Uuid,
    pub number: u64,
}

impl EventId {
    pub fn parse(text: &str) -> Option<Self> {
        let (stream, number) = text.rsplit_once('-')?;
        Some(Self { stream: Uuid::try_parse(stream).ok()?, number: number.parse().ok()? })
    }
}

impl Subscription {
    pub fn new(subject: Subject) -> Self {
        Self { id: Uuid::now_v7(), subject, known: HashMap::new(), next: 0, sent: VecDeque::new(), sent_bytes: 0 }
    }

    /// Nothing was told yet.
    pub fn is_new(&self) -> bool {
        self.next == 0
    }

    /// Takes for told what is seen.
    pub fn adopt(&mut self, seen: &[Seen]) {
        self.known = seen.iter().map(|seen| (seen.id, digest(&seen.json))).collect();
    }

    /// The events that lead from what was told to what is seen of the doubtful records.
    pub fn settle(&mut self, doubtful: &Doubtful, seen: &[Seen]) -> Result<Vec<Bytes>, Problem> {
        let mut events = Vec::new();
        for id in self.gone(doubtful, seen) {
            self.known.remove(&id);
            events.push(self.event("leave", &format!("{{\"id\":\"{id}\"}}")));
        }
        for Seen { id, json } in seen {
            let kind = match self.known.insert(*id, digest(json)) {
                None => "enter",
                Some(before) if before != digest(json) => "update",
                Some(_) => continue,
            };
            if self.known.len() > MAX_RECORDS {
                return Err(too_many());
            }
            events.push(self.event(kind, &format!("{{\"id\":\"{id}\",\"record\":{}}}", String::from_utf8_lossy(json))));
        }
        Ok(events)
    }

    /// That everything there was is told.
    pub fn ready(&mut self) -> Bytes {
        let count = self.known.len();
        self.event("ready", &format!("{{\"records\":{count}}}"))
    }

    /// That nothing told before counts any more.
    pub fn reset(&mut self) -> Bytes {
        self.event("reset", "{}")
    }

    /// The events after that one, where all of them are kept.
    pub fn after(&self, number: u64) -> Option<Vec<Bytes>> {
        let missed = self.next.checked_sub(number.checked_add(1)?)?;
        let missed = usize::try_from(missed).ok().filter(|missed| *missed <= self.sent.len())?;
        Some(self.sent.range(self.sent.len() - missed..).cloned().collect())
    }

    fn gone(&self, doubtful: &Doubtful, seen: &[Seen]) -> Vec<Uuid> {
        let seen: HashSet<Uuid> = seen.iter().map(|seen| seen.id).collect();
        let is_gone = |id: &Uuid| !seen.contains(id);
        match doubtful {
            Doubtful::All => self.known.keys().copied().filter(is_gone).collect(),
            Doubtful::These(ids) => {
                ids.iter().copied().filter(|id| self.known.contains_key(id) && is_gone(id)).collect()
            }
        }
    }

    fn event(&mut self, kind: &str, data: &str) -> Bytes {
        let id = format!("{}-{}", self.id, self.next);
        self.next += 1;
        let event = Bytes::from(event(Some(&id), kind, data));
        self.sent_bytes += event.len();
        self.sent.push_back(event.clone());
        while self.sent.len() > KEPT || self.sent_bytes > KEPT_BYTES {
            let Some(oldest) = self.sent.pop_front() else { break };
            self.sent_bytes -= oldest.len();
        }
        event
    }
}

/// As it goes over the wire.
pub fn event(id: Option<&str>, kind: &str, data: &str) -> String {
    let mut out = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    out.push_str(&format!("event: {kind}\n"));
    for line in data.lines() {
        out.push_str(&format!("data: {line}\n"));
    }
    out.push('\n');
    out
}

fn digest(json: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(json);
    hasher.finish()
}

fn too_many() -> Problem {
    let finding = FieldError::new(ErrorCode::QueryTooLarge, "?").with("what", "records").with("limit", MAX_RECORDS);
    Problem::of_query(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rows: &[(u128, &str)]) -> Vec<Seen> {
        rows.iter().map(|(id, text)| Seen { id: Uuid::from_u128(*id), json: text.as_bytes().to_vec() }).collect()
    }

    fn kinds(events: &[Bytes]) -> Vec<(String, u128)> {
        let of = |event: &Bytes| {
            let text = String::from_utf8_lossy(event).into_owned();
            let part = |start: &str| text.split(start).nth(1).unwrap_or_default().to_owned();
            let kind = part("event: ").lines().next().unwrap_or_default().to_owned();
            let id = part("\"id\":\"").split('"').next().unwrap_or_default().to_owned();
            (kind, Uuid::try_parse(&id).unwrap_or_default().as_u128())
        };
        events.iter().map(of).collect()
    }

    fn subscription() -> Subscription {
        let query = EventsQuery { object: "o".into(), from_start: false, list: String::new() };
        Subscription::new(Subject { tenant: Uuid::nil(), user: Uuid::nil(), query })
    }

    #[test]
    fn the_difference_is_told_and_only_that() {
        let mut subscription = subscription();
        subscription.adopt(&seen(&[(1, "a"), (2, "b"), (3, "c")]));
        let these = |ids: &[u128]| Doubtful::These(ids.iter().map(|id| Uuid::from_u128(*id)).collect());
        let mut told =
            |doubtful: Doubtful, rows: &[(u128, &str)]| kinds(&subscription.settle(&doubtful, &seen(rows)).unwrap());
        let event = |kind: &str, id: u128| (kind.to_owned(), id);
        assert_eq!(told(these(&[2, 9]), &[(2, "b")]), []);
        assert_eq!(told(these(&[2]), &[(2, "B")]), [event("update", 2)]);
        assert_eq!(told(these(&[2, 4]), &[(4, "d")]), [event("leave", 2), event("enter", 4)]);
        assert_eq!(told(these(&[2]), &[]), [], "it left before");
        assert_eq!(told(Doubtful::All, &[(1, "a"), (4, "d")]), [event("leave", 3)]);
        assert_eq!(told(Doubtful::All, &[(1, "a"), (4, "d")]), []);
    }

    #[test]
    fn who_comes_back_gets_what_he_missed_or_is_told_that_it_is_lost() {
        let mut subscription = subscription();
        assert!(subscription.after(0).is_none(), "no event was sent");
        for number in 0..KEPT as u128 + 10 {
            subscription.settle(&Doubtful::All, &seen(&[(number, "x")])).unwrap();
        }
        let last = subscription.next - 1;
        assert_eq!(subscription.after(last).map(|missed| missed.len()), Some(0));
        assert_eq!(subscription.after(last - 3).map(|missed| missed.len()), Some(3));
        assert_eq!(subscription.after(last - KEPT as u64).map(|missed| missed.len()), Some(KEPT));
        assert!(subscription.after(last - KEPT as u64 - 1).is_none());
        assert!(subscription.after(last + 1).is_none() && subscription.after(u64::MAX).is_none());
        let id = format!("{}-{last}", subscription.id);
        assert_eq!(EventId::parse(&id), Some(EventId { stream: subscription.id, number: last }));
        assert_eq!(["", "-", "x-1", &format!("{}", subscription.id)].map(EventId::parse), [None; 4]);
    }

    #[test]
    fn a_list_that_grows_too_long_ends_the_stream() {
        let mut subscription = subscription();
        let rows: Vec<Seen> =
            (0..=MAX_RECORDS as u128).map(|id| Seen { id: Uuid::from_u128(id), json: Vec::new() }).collect();
        let ended = subscription.settle(&Doubtful::All, &rows).err().map(|problem| problem.code);
        assert_eq!(ended, Some(ErrorCode::QueryTooLarge));
        assert!(subscription.settle(&Doubtful::All, &rows[1..]).is_ok());
    }

    #[test]
    fn lines_of_the_data_stay_in_the_event() {
        assert_eq!(event(Some("a-1"), "update", "{\n}"), "id: a-1\nevent: update\ndata: {\ndata: }\n\n");
    }
}
