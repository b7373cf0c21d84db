//! `trellis serve`.

use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;
use trellis_api::rest::CursorKey;
use trellis_engine::identity::Sessions;
use trellis_engine::{Runtime, StorageOptions};

use super::error::Error;
use super::output::{Done, Output};
use crate::cookies::Cookies;
use crate::events::{Feeds, Follower, Streams};
use crate::http;
use crate::limits::{LimitArgs, Limits};
use crate::metrics::Metrics;
use crate::pages::setup;
use crate::state::State;
use crate::throttle::Throttle;

#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// Data folder: one SQLite file per tenant and a control file.
    #[arg(long, env = "TRELLIS_DATA", default_value = "data")]
    pub data: PathBuf,
    #[arg(long, env = "TRELLIS_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// PostgreSQL instead of the data folder.
    #[arg(long, env = "TRELLIS_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Where browsers reach the server, when that is not the listener: `https://…` of a proxy that ends TLS.
    #[arg(long, env = "TRELLIS_PUBLIC_URL")]
    pub public_url: Option<String>,
    #[command(flatten)]
    pub limits: LimitArgs,
}

pub fn run(args: ServeArgs, output: &Output) -> Result<Done, Error> {
    let runtime = open(args.data, args.database_url)?;
    let public_url = args.public_url.as_deref().map(|url| url.trim_end_matches('/'));
    demand_http(public_url)?;
    listen(runtime.clone(), &args.listen, public_url, &args.limits, |address| {
        let url = public_url.map_or_else(|| format!("http://{address}"), str::to_owned);
        let setup = setup::link(&runtime, &url);
        output.answer(&serde_json::json!({ "url": url, "setup": setup }), || {
            let listening = format!("listening on http://{address}");
            match &setup {
                Some(link) => format!("{listening}\nfirst start: create the administrator at {link}"),
                None => listening,
            }
        });
        Ok(())
    })
}

/// Each takes a processor and some of the memory.
const PICTURES_AT_ONCE: usize = 2;

fn demand_http(public_url: Option<&str>) -> Result<(), Error> {
    match public_url {
        Some(url) if !url.starts_with("https://") && !url.starts_with("http://") => {
            Err(Error::Usage(format!("--public-url begins with https:// or http://, not {url}")))
        }
        _ => Ok(()),
    }
}

pub fn open(data: PathBuf, database_url: Option<String>) -> Result<Arc<Runtime>, Error> {
    Ok(Runtime::open(StorageOptions::new(data).with_database_url(database_url))?)
}

/// Serves until a signal ends it; `ready` runs once the address is known.
pub fn listen(
    runtime: Arc<Runtime>,
    listen: &str,
    public_url: Option<&str>,
    limits: &LimitArgs,
    ready: impl FnOnce(std::net::SocketAddr) -> Result<(), Error>,
) -> Result<Done, Error> {
    let secret = runtime.storage.control().secret()?;
    let worker = trellis_workflow::Worker::start(runtime.clone()).map_err(Error::Server)?;
    let workflows = worker.counters();
    let jobs = crate::jobs::Worker::start(runtime.clone(), CursorKey::new(secret)).map_err(Error::Server)?;
    let wake_jobs = jobs.wake();
    let feeds = Arc::new(Feeds::new());
    let follower = Follower::start(runtime.clone(), feeds.clone()).map_err(Error::Server)?;
    let system = actix_web::rt::System::new();
    let streams = Streams::new(feeds);
    let (server, address) = system.block_on(async {
        let cannot = |source| Error::Listen { address: listen.to_owned(), source };
        let state = State {
            runtime: runtime.clone(),
            sessions: Sessions::default(),
            cookies: Cookies::at(public_url),
            limits: Limits::new(limits),
            throttle: Throttle::new(public_url.is_some()),
            cursor_key: CursorKey::new(secret),
            renderer: trellis_forms::Renderer::new().map_err(|error| Error::Usage(error.to_string()))?,
            metrics: Metrics::default(),
            pictures: tokio::sync::Semaphore::new(PICTURES_AT_ONCE),
            workflows,
            jobs: wake_jobs,
            events: streams.clone(),
        };
        let (server, addresses) = http::server(state, listen).map_err(cannot)?;
        let address = *addresses.first().ok_or_else(|| cannot(std::io::ErrorKind::AddrNotAvailable.into()))?;
        http::follow_publishes(runtime.clone());
        http::keep_house(runtime);
        actix_web::rt::spawn(close_at_signal(streams));
        Ok::<_, Error>((server, address))
    })?;
    // Outside the loop of events: it may wait for the database.
    ready(address)?;
    system.block_on(server).map_err(Error::Server)?;
    // No request can start anything any more.
    drop(worker);
    drop(jobs);
    drop(follower);
    Ok(Done::Clean)
}

/// The server waits for answers under way, and a stream would go on for ever.
async fn close_at_signal(streams: Arc<Streams>) {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::quit()];
    let Ok(mut signals) = kinds.into_iter().map(signal).collect::<Result<Vec<_>, _>>() else {
        return tracing::warn!("cannot listen for signals: streams of events end late");
    };
    let any = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
    futures_util::future::select_all(any).await;
    streams.close();
}
