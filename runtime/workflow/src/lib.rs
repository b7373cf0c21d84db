//! The workflow machine and its worker.
