//! `trellis-bench`: how much of the throughput of a hand-written service is left once metadata, permissions, history
//! and events stand in between.
//!
//! Three servers run over copies of one SQLite file: Trellis as its users run it, a hand-written service that writes
//! the record row only, and the same service writing history and event rows as Trellis does.

use std::process::ExitCode;

use clap::Parser;

mod data;
mod error;
mod floor;
mod load;
mod process;
mod report;
mod run;
mod shape;
mod single;
mod site;

/// The same as the server's, so that the allocator makes no difference between the two.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "trellis-bench", about = "Throughput of Trellis against a hand-written service over the same tables")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::Options,
}

#[derive(clap::Subcommand)]
enum Command {
    /// The hand-written service alone.
    #[command(hide = true)]
    Floor(floor::Options),
    /// What happens once in a while: publishes, first requests, imports.
    Single(single::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Some(Command::Floor(options)) => floor::serve(options),
        Some(Command::Single(options)) => single::run(&options),
        None => run::run(&arguments.run),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
