//! The command line: what each command takes. What it does is in the module of its name.
//!
//! Every command takes `--json` (one JSON value on stdout, logs on stderr) and never prompts. Exit 0: done or no
//! change; 2: changes pending; 1: error.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

mod apply;
mod author;
mod backup;
mod demo;
mod diff;
mod doctor;
mod documents;
mod error;
mod explain;
mod export;
mod findings;
mod generate;
mod import;
mod organise;
mod output;
mod pull;
mod remote;
mod rollback;
mod seed;
mod serve;
mod templates;
mod test;

pub use output::Output;

#[derive(Parser)]
#[command(
    name = "trellis",
    version,
    about = "A metadata runtime: documents become tables, APIs and pages",
    propagate_version = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Args, Clone, Debug)]
pub struct Global {
    /// One JSON value on stdout; logs on stderr.
    #[arg(long, global = true)]
    pub json: bool,
    /// No colours.
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Leave warnings out of what is shown to people.
    #[arg(long, global = true)]
    pub no_warnings: bool,
    /// Log filter, such as `info` or `trellis_engine=debug`.
    #[arg(long, global = true, env = "TRELLIS_LOG", default_value = "warn")]
    pub log: String,
}

impl Global {
    /// Colours are for a terminal whose owner did not decline them, here or with `NO_COLOR`.
    pub fn colors(&self, is_terminal: bool) -> bool {
        let declined = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        is_terminal && !self.no_color && !self.json && !declined
    }
}

/// Where the tenants are: a data folder, a PostgreSQL URL, or a running server.
#[derive(Args, Clone, Debug)]
pub struct Target {
    /// Data folder (SQLite).
    #[arg(long, env = "TRELLIS_DATA", default_value = "data")]
    pub data: PathBuf,
    /// PostgreSQL instead of the data folder.
    #[arg(long, env = "TRELLIS_DATABASE_URL")]
    pub database_url: Option<String>,
    /// A running server instead of its data.
    #[arg(long, env = "TRELLIS_URL")]
    pub url: Option<String>,
    /// Token for `--url`.
    #[arg(long, env = "TRELLIS_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Run the server.
    Serve(serve::ServeArgs),
    /// Serve tenant `demo` with the distribution packages and sample data, on loopback only.
    Demo(demo::DemoArgs),
    /// Start a package folder.
    Init {
        dir: PathBuf,
        /// Copy a preset package instead of a small example.
        #[arg(long)]
        template: Option<String>,
    },
    /// Check documents: every finding with file, line and column.
    Validate {
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Write documents in canonical form.
    Fmt {
        /// Change nothing; exit 2 when a file would change.
        #[arg(long)]
        check: bool,
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Write the JSON Schemas of all document kinds.
    Schema {
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Show what applying documents would change.
    Plan(apply::PlanArgs),
    /// Change a tenant to the documents of a folder or saved plan.
    Apply(apply::ApplyArgs),
    /// Write a tenant's documents as a package folder.
    Pull(pull::PullArgs),
    /// Compare folders or tenants; exit 2 when they differ.
    Diff(diff::DiffArgs),
    /// Publish the documents of an earlier revision again.
    Rollback(rollback::RollbackArgs),
    /// Run the scenarios of a package.
    Test(test::TestArgs),
    /// Create, list or delete tenants.
    #[command(subcommand)]
    Tenant(organise::TenantCommand),
    /// Create, list, disable or enable users.
    #[command(subcommand)]
    User(organise::UserCommand),
    /// Make API tokens.
    #[command(subcommand)]
    Token(organise::TokenCommand),
    /// Load the sample dataset into a tenant.
    Seed(seed::SeedArgs),
    /// Write rows of a file into a tenant.
    Import(import::ImportArgs),
    /// Write the records of an object to a file.
    Export(export::ExportArgs),
    /// Copy a data folder while it is in use.
    Backup(backup::BackupArgs),
    /// Put a copy, or one tenant of it, in place.
    Restore(backup::RestoreArgs),
    /// Look for what is wrong with the data, with its cause and what to do.
    Doctor(doctor::DoctorArgs),
    /// Say why.
    #[command(subcommand)]
    Explain(explain::ExplainCommand),
    /// Write what programs against a tenant need.
    #[command(subcommand)]
    Gen(generate::GenCommand),
    /// Version of the binary.
    Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Size {
    Small,
    Medium,
}

/// Runs the command; the exit code follows the convention of the command line.
pub fn run(cli: Cli) -> ExitCode {
    start_logging(&cli.global);
    let output = Output::new(&cli.global);
    let result = match cli.command {
        Command::Serve(args) => serve::run(args, &output),
        Command::Demo(args) => demo::run(args, &output),
        Command::Init { dir, template } => author::init(&dir, template.as_deref(), &output),
        Command::Validate { dir } => author::validate(&dir, &output),
        Command::Fmt { check, dir } => author::format(&dir, check, &output),
        Command::Schema { out } => author::schema(out.as_deref(), &output),
        Command::Plan(args) => apply::plan(args, &output),
        Command::Apply(args) => apply::apply(args, &output),
        Command::Pull(args) => pull::run(&args, &output),
        Command::Diff(args) => diff::run(&args, &output),
        Command::Rollback(args) => rollback::run(args, &output),
        Command::Test(args) => test::run(&args, &output),
        Command::Tenant(command) => organise::tenant(command, &output),
        Command::User(command) => organise::user(command, &output),
        Command::Token(command) => organise::token(command, &output),
        Command::Seed(args) => seed::run(args, &output),
        Command::Import(args) => import::run(&args, &output),
        Command::Export(args) => export::run(&args, &output),
        Command::Backup(args) => backup::back_up(&args, &output),
        Command::Restore(args) => backup::restore(&args, &output),
        Command::Doctor(args) => doctor::run(&args, &output),
        Command::Explain(command) => explain::run(command, &output),
        Command::Gen(command) => generate::run(command, &output),
        Command::Version => output.version(),
    };
    match result {
        Ok(done) => done.exit_code(),
        Err(error) => {
            output.error(&error);
            ExitCode::FAILURE
        }
    }
}

/// Logs go to standard error: text for people, JSON lines with `--json`.
fn start_logging(global: &Global) {
    let filter = tracing_subscriber::EnvFilter::try_new(&global.log).unwrap_or_default();
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if global.json {
        logs.json().init();
    } else {
        logs.with_ansi(global.colors(std::io::stderr().is_terminal())).init();
    }
}
