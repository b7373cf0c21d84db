//! Counters for `/metrics`, in Prometheus text form.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use trellis_workflow::Counters;

/// Upper bounds of the latency buckets, in microseconds.
const BUCKETS: [u64; 10] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 250_000, 1_000_000];

#[derive(Default)]
pub struct Metrics {
    /// By hundreds of the status: 1xx … 5xx.
    answers: [AtomicU64; 5],
    buckets: [AtomicU64; BUCKETS.len() + 1],
    micros: AtomicU64,
}

impl Metrics {
    pub fn record(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.iter().position(|bound| micros <= *bound).unwrap_or(BUCKETS.len());
        self.answers[class].fetch_add(1, Ordering::Relaxed);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub fn text(&self, tenants: usize, streams: usize, workflows: &Counters, limited: &[(&str, u64)]) -> String {
        let mut out = String::from(
            "# HELP trellis_http_requests_total Answers by class of status.\n# TYPE trellis_http_requests_total counter\n",
        );
        for (class, count) in self.answers.iter().enumerate() {
            let _ = writeln!(
                out,
                "trellis_http_requests_total{{class=\"{}xx\"}} {}",
                class + 1,
                count.load(Ordering::Relaxed)
            );
        }
        out.push_str(
            "# HELP trellis_http_request_seconds Time to answer.\n# TYPE trellis_http_request_seconds histogram\n",
        );
        let mut total = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            total += count.load(Ordering::Relaxed);
            let bound = BUCKETS.get(bucket).map_or_else(|| "+Inf".to_owned(), |micros| seconds(*micros));
            let _ = writeln!(out, "trellis_http_request_seconds_bucket{{le=\"{bound}\"}} {total}");
        }
        let _ = writeln!(out, "trellis_http_request_seconds_sum {}", seconds(self.micros.load(Ordering::Relaxed)));
        let _ = writeln!(out, "trellis_http_request_seconds_count {total}");
        let _ = writeln!(
            out,
            "# HELP trellis_tenants_loaded Tenants in memory.\n# TYPE trellis_tenants_loaded gauge\ntrellis_tenants_loaded {tenants}"
        );
        let _ = writeln!(
            out,
            "# HELP trellis_event_streams Streams of events being read.\n# TYPE trellis_event_streams gauge\ntrellis_event_streams {streams}"
        );
        out.push_str(
            "# HELP trellis_workflow_runs_total Workflow runs by what came of them.\n# TYPE trellis_workflow_runs_total counter\n",
        );
        let outcomes = [("done", &workflows.done), ("parked", &workflows.parked), ("retried", &workflows.retried)];
        for (outcome, count) in outcomes {
            let _ =
                writeln!(out, "trellis_workflow_runs_total{{outcome=\"{outcome}\"}} {}", count.load(Ordering::Relaxed));
        }
        out.push_str(
            "# HELP trellis_limited_requests_total Requests refused by a limit on requests a second.\n# TYPE trellis_limited_requests_total counter\n",
        );
        for (of, count) in limited {
            let _ = writeln!(out, "trellis_limited_requests_total{{limit=\"{of}\"}} {count}");
        }
        out
    }
}

/// Microseconds as seconds, exactly.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}
