//! The HTTP server, sessions, wiring and the trellis command line.
