//! End-to-end, differential, crash and browser tests.
