//! Use cases: the one write pipeline and the one read gate.
