//! What happens once in a while, one at a time: publishing among many objects, the first request of a tenant nobody
//! asked for yet, imports of many rows.

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::error::Error;
use crate::site::{Site, ask, email, log_in};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Operation {
    /// One more field of one object.
    Publish,
    /// The first list of a tenant that is not in memory.
    Cold,
    /// Rows of five plain columns.
    Import,
    /// Rows with a lookup by code.
    ImportLookup,
}

#[derive(Args)]
pub struct Options {
    #[arg(value_enum)]
    only: Vec<Operation>,
    /// Objects of the tenant that is published.
    #[arg(long, default_value_t = 200)]
    objects: usize,
    /// Tenants of which each is asked once.
    #[arg(long, default_value_t = 200)]
    tenants: usize,
    /// Imported rows; half as many with a lookup.
    #[arg(long, default_value_t = 1_000_000)]
    rows: usize,
    /// The binary under test; by default the one beside this.
    #[arg(long, env = "TRELLIS_BIN")]
    trellis: Option<PathBuf>,
    /// Where the databases go: a folder on the disk to be measured.
    #[arg(long, env = "TRELLIS_BENCH_FOLDER", default_value = "target")]
    folder: PathBuf,
}

pub fn run(options: &Options) -> Result<(), Error> {
    let all = [Operation::Publish, Operation::Cold, Operation::Import, Operation::ImportLookup];
    println!("| operation | times | median ms | p99 ms | longest ms |\n|---|--:|--:|--:|--:|");
    for operation in all {
        if !options.only.is_empty() && !options.only.contains(&operation) {
            continue;
        }
        let binary = match &options.trellis {
            Some(path) => path.clone(),
            None => std::env::current_exe()?.with_file_name("trellis"),
        };
        let site = Site::new(binary, &options.folder)?;
        let times = match operation {
            Operation::Publish => publish(&site, options.objects)?,
            Operation::Cold => cold(&site, options.tenants)?,
            Operation::Import => vec![import(&site, options.rows, false)?],
            Operation::ImportLookup => vec![import(&site, options.rows / 2, true)?],
        };
        let name = match operation {
            Operation::Publish => format!("publish a field among {} objects", options.objects),
            Operation::Cold => format!("first list of a tenant, of {}", options.tenants),
            Operation::Import => format!("import {} rows", options.rows),
            Operation::ImportLookup => format!("import {} rows with a lookup by code", options.rows / 2),
        };
        report(&name, times);
    }
    Ok(())
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| {
        let place = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(place).copied().unwrap_or_default().as_secs_f64() * 1_000.0
    };
    println!("| {name} | {} | {:.1} | {:.1} | {:.1} |", times.len(), at(0.5), at(0.99), at(1.0));
}

fn timed<T>(run: impl FnOnce() -> Result<T, Error>) -> Result<Duration, Error> {
    let begun = Instant::now();
    run().map(|_| begun.elapsed())
}

/// A document as `<folder>/objects/<name>.json`.
fn write(folder: &Path, name: &str, document: &Value) -> Result<(), Error> {
    let path = folder.join(format!("{name}.json"));
    std::fs::create_dir_all(folder)?;
    std::fs::write(&path, document.to_string()).map_err(|source| Error::File { path, source })
}

/// Fifteen fields, one of them a lookup of the object before and one a formula.
fn object(number: usize) -> Value {
    let mut fields = json!({
        "code": { "type": "text", "required": true, "unique": true, "external_id": true, "max_length": 40 },
        "name": { "type": "text", "required": true },
        "net": { "type": "money", "scale": 2 },
        "rate": { "type": "decimal", "scale": 2 },
        "gross": { "type": "formula", "expression": "record.net * record.rate", "result": "decimal", "scale": 2 },
    });
    for plain in 0..9 {
        fields[format!("plain_{plain}")] = json!({ "type": (["text", "integer", "date"][plain % 3]) });
    }
    if number > 0 {
        let target = format!("thing_{}", number - 1);
        fields["before"] = json!({ "type": "lookup", "target": target, "collection": "later" });
    }
    let name = format!("thing_{number}");
    json!({ "kind": "object", "name": name, "label": name, "record_name": "name", "fields": fields })
}

fn publish(site: &Site, objects: usize) -> Result<Vec<Duration>, Error> {
    let package = site.path("package");
    for number in 0..objects {
        write(&package, &format!("thing_{number}"), &object(number))?;
    }
    site.tenant("bench", &package, "tenant_admin")?;
    let server = site.serve()?;
    let token = log_in(&server, "bench", &email("bench"))?;
    let mut changed = object(objects / 2);
    (0..20)
        .map(|number| {
            changed["fields"][format!("more_{number}")] = json!({ "type": "text" });
            let body = json!({ "documents": [changed] });
            timed(|| ask(&server, &token, "/t/bench/meta/v1/apply", Some(&body)))
        })
        .collect()
}

fn cold(site: &Site, tenants: usize) -> Result<Vec<Duration>, Error> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("package");
    let names: Vec<String> = (0..tenants).map(|number| format!("tenant_{number}")).collect();
    for name in &names {
        site.tenant(name, &package, "office")?;
    }
    let server = site.serve()?;
    let tokens = names.iter().map(|name| log_in(&server, name, &email(name))).collect::<Result<Vec<_>, _>>()?;
    drop(server);
    let server = site.serve()?;
    let asked = names.iter().zip(&tokens);
    asked.map(|(name, token)| timed(|| ask(&server, token, &format!("/t/{name}/api/v1/visit"), None))).collect()
}

fn import(site: &Site, rows: usize, has_lookup: bool) -> Result<Duration, Error> {
    const PARENTS: usize = 5_000;
    let package = site.path("package");
    for number in 0..2 {
        let mut plain = object(number);
        if let Some(fields) = plain["fields"].as_object_mut() {
            fields.remove("gross");
        }
        write(&package, &format!("thing_{number}"), &plain)?;
    }
    site.tenant("bench", &package, "tenant_admin")?;
    let load = |name: &str, count: usize, lookup: bool, object: &str| {
        let path = site.path(name);
        table(&path, count, lookup.then_some(PARENTS))?;
        timed(|| site.call(&["import", &path.display().to_string(), "--object", object, "--tenant", "bench"]))
    };
    if !has_lookup {
        return load("rows.csv", rows, false, "thing_0");
    }
    load("parents.csv", PARENTS, false, "thing_0")?;
    load("rows.csv", rows, true, "thing_1")
}

/// Rows of code, name, money, decimal and date, and of one of so many codes to look up.
fn table(path: &Path, rows: usize, parents: Option<usize>) -> Result<(), Error> {
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    let lookup = if parents.is_some() { ",before.code" } else { "" };
    writeln!(out, "code,name,net,rate,plain_2{lookup}")?;
    let mut line = String::new();
    for row in 0..rows {
        line.clear();
        // Writing to a text cannot fail.
        let _ =
            write!(line, "C{row:08},Name of {row},{}.{:02},1.5,2026-01-{:02}", row % 9_000, row % 100, 1 + row % 28);
        if let Some(parents) = parents {
            let _ = write!(line, ",C{:08}", (row * 7_919) % parents);
        }
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}
