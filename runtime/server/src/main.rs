//! The `trellis` binary.

use std::process::ExitCode;

use clap::Parser;

/// Records are made on one thread and dropped on another, which the system allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    trellis_server::cli::run(trellis_server::cli::Cli::parse())
}
