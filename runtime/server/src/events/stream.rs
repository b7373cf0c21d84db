//! One connection: waits until something may have changed, makes sure of the reader, looks, tells the difference.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::web::{Bytes, Data};
use futures_util::{Stream, stream};
use tokio::sync::watch;
use trellis_api::Problem;
use trellis_api::rest::EventsQuery;
use trellis_engine::Tenant;
use trellis_engine::records::Reader;

use super::feed::Feed;
use super::look::{Doubtful, Seen, look};
use super::streams::Place;
use super::subscription::{EventId, Subject, Subscription, event};
use super::view::View;
use crate::exchange::{Asker, Exchange, blocking, failure, recognise};
use crate::failure::status;
use crate::state::State;

/// How often the reader is made sure of when nothing is written.
const GLANCE: Duration = Duration::from_millis(500);
/// How often something is sent at least, so that both sides know that the other is there.
const BEAT: Duration = Duration::from_secs(15);
/// How often everything is looked at, whatever is known: conditions may speak of the time.
const ROUND: Duration = Duration::from_secs(30);
/// A look at everything because of a related record waits for as many times what the last one took; a second at least.
const SHARE: u32 = 10;
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// Opens a stream: the first look is part of the request, so that what is wrong with it is its answer.
pub async fn open(
    exchange: &Exchange,
    query: EventsQuery,
    last: Option<&str>,
) -> Result<impl Stream<Item = Result<Bytes, actix_web::Error>> + use<>, Problem> {
    let Exchange { state, tenant, pinned, caller, .. } = exchange;
    let view = View::open(&state.cursor_key, tenant, (pinned.clone(), caller.clone()), &query)?;
    let (feeds, joining) = (state.events.feeds.clone(), tenant.clone());
    let feed = blocking(move || feeds.join(&joining)).await?;
    let position = feed.position();
    let mut reading = Reading {
        told: feed.told(),
        closed: state.events.closed(),
        next_round: Instant::now() + ROUND,
        next_beat: Instant::now() + BEAT,
        next_whole: Instant::now(),
        wants_whole: false,
        asker: exchange.asker(),
        state: state.clone(),
        tenant: tenant.clone(),
        query: query.clone(),
        out: VecDeque::from([Bytes::from_static(b"retry: 1000\n\n")]),
        place: None,
        position,
        feed,
        view,
    };
    let subject = Subject { tenant: tenant.handle.id(), user: caller.actor.user, query };
    let mut subscription = match taken_up(state, last, &subject) {
        Some((subscription, missed)) => {
            reading.out.extend(missed);
            subscription
        }
        None => Subscription::new(subject),
    };
    if last.is_some() && subscription.is_new() {
        reading.out.push_back(subscription.reset());
    }
    let seen = reading.look(&Doubtful::All).await?;
    if last.is_none() && !reading.query.from_start {
        subscription.adopt(&seen);
    } else {
        reading.out.extend(subscription.settle(&Doubtful::All, &seen)?);
    }
    reading.out.push_back(subscription.ready());
    reading.place = Some(state.events.hold(subscription)?);
    Ok(stream::unfold(reading, |mut reading| async move { Some((Ok(reading.next().await?), reading)) }))
}

/// The stream its reader comes back to, and what he missed; nothing where that is lost.
fn taken_up(state: &State, last: Option<&str>, subject: &Subject) -> Option<(Subscription, Vec<Bytes>)> {
    let last = EventId::parse(last?)?;
    let subscription = state.events.take(last, subject)?;
    let missed = subscription.after(last.number)?;
    Some((subscription, missed))
}

struct Reading {
    state: Data<State>,
    tenant: Arc<Tenant>,
    asker: Asker,
    query: EventsQuery,
    view: View,
    feed: Arc<Feed>,
    position: u64,
    told: watch::Receiver<u64>,
    closed: watch::Receiver<bool>,
    next_round: Instant,
    next_beat: Instant,
    /// Everything is to be looked at, but not before that.
    wants_whole: bool,
    next_whole: Instant,
    out: VecDeque<Bytes>,
    /// Given up when the stream ends by itself.
    place: Option<Place>,
}

impl Reading {
    /// What is to be sent next; nothing more at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(event) = self.out.pop_front() {
                self.next_beat = Instant::now() + BEAT;
                return Some(event);
            }
            let is_read_elsewhere = self.place.as_ref()?.is_lost();
            if is_read_elsewhere || *self.closed.borrow() {
                return None;
            }
            tokio::select! {
                _ = self.told.changed() => {}
                _ = self.closed.changed() => continue,
                () = tokio::time::sleep(GLANCE) => {}
            }
            match self.turn().await {
                Ok(events) => self.out.extend(events),
                // Nothing was told, and nothing is before it is certain.
                Err(problem) if status(problem.class()).is_server_error() => {
                    tracing::warn!(tenant = %self.tenant.name, code = problem.code.as_str(), "a stream of events waits");
                    self.wants_whole = true;
                }
                Err(problem) => self.end(problem),
            }
            if self.out.is_empty() && Instant::now() >= self.next_beat {
                self.out.push_back(Bytes::from_static(b":\n\n"));
            }
        }
    }

    fn end(&mut self, problem: Problem) {
        if let Some(place) = self.place.take() {
            place.end();
        }
        let failure = failure(problem, self.asker.locale, self.asker.instance.clone());
        self.out.push_back(event(None, "end", &String::from_utf8_lossy(&failure.body())).into());
    }

    async fn turn(&mut self) -> Result<Vec<Bytes>, Problem> {
        let is_outdated = self.make_sure().await?;
        let (written, position) = self.feed.since(self.position);
        let mut doubtful = Doubtful::These(Vec::new());
        match written {
            None => self.wants_whole = true,
            Some(written) => {
                let (own, others) = self.view.concerned(&written);
                doubtful = own;
                self.wants_whole |= others;
            }
        }
        if is_outdated || Instant::now() >= self.next_round || (self.wants_whole && Instant::now() >= self.next_whole) {
            doubtful = Doubtful::All;
        }
        if let Doubtful::These(ids) = &doubtful
            && ids.is_empty()
        {
            self.position = position;
            return Ok(Vec::new());
        }
        let seen = self.look(&doubtful).await?;
        self.position = position;
        let Some(place) = &self.place else { return Ok(Vec::new()) };
        let mut held = place.held.lock();
        held.as_mut().map_or_else(|| Ok(Vec::new()), |subscription| subscription.settle(&doubtful, &seen))
    }

    /// Still the same reader, with the same rights, under the same documents? True when not.
    async fn make_sure(&mut self) -> Result<bool, Problem> {
        let (tenant, pinned, authenticated) =
            recognise(&self.state, self.tenant.name.clone(), self.asker.token.clone()).await?;
        let caller = authenticated.caller;
        if !self.view.is_outdated(&tenant, &pinned, &caller) {
            self.view.caller = caller;
            return Ok(false);
        }
        self.view = View::open(&self.state.cursor_key, &tenant, (pinned, caller), &self.query)?;
        // Where the look does not succeed, the next one is of everything too.
        (self.wants_whole, self.next_whole) = (true, Instant::now());
        Ok(true)
    }

    async fn look(&mut self, doubtful: &Doubtful) -> Result<Vec<Seen>, Problem> {
        let permit = self.state.events.looks.acquire().await;
        let (handle, view, doubtful) = (self.tenant.handle.clone(), self.view.clone(), doubtful.clone());
        let is_whole = matches!(doubtful, Doubtful::All);
        let begun = Instant::now();
        let looking =
            blocking(move || look(&handle, &Reader::new(&view.pinned, &view.caller), &view.request, &doubtful));
        let seen = looking.await?;
        drop(permit);
        if is_whole {
            let now = Instant::now();
            self.wants_whole = false;
            self.next_whole = now + SHORTEST_WAIT.max(begun.elapsed() * SHARE);
            self.next_round = now + ROUND;
        }
        Ok(seen)
    }
}
