//! What every request handler shares.

use std::sync::Arc;

use trellis_api::rest::CursorKey;
use trellis_engine::Runtime;
use trellis_engine::identity::Sessions;

pub struct State {
    pub runtime: Arc<Runtime>,
    pub sessions: Sessions,
    pub cookies: crate::cookies::Cookies,
    pub throttle: crate::throttle::Throttle,
    pub limits: crate::limits::Limits,
    pub cursor_key: CursorKey,
    pub renderer: trellis_forms::Renderer,
    pub metrics: crate::metrics::Metrics,
    /// Pictures that may be drawn at once.
    pub pictures: tokio::sync::Semaphore,
    pub workflows: Arc<trellis_workflow::Counters>,
    /// Tells the worker of imports and exports that there is something to do.
    pub jobs: Arc<trellis_engine::Wake>,
    pub events: Arc<crate::events::Streams>,
}
