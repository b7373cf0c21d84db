//! The `trellis` binary.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    trellis_server::cli::run(trellis_server::cli::Cli::parse())
}
