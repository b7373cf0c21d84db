//! The table: medians of the rounds, and what share of the hand-written throughput is left.

use std::time::Duration;

use crate::load::Figures;
use crate::run::Round;
use crate::shape::Shape;

/// One shape at one concurrency.
pub struct Cell {
    shape: Shape,
    connections: usize,
    rounds: Vec<Round>,
}

impl Cell {
    pub fn new(shape: Shape, connections: usize, rounds: Vec<Round>) -> Self {
        Self { shape, connections, rounds }
    }

    /// The round in the middle, by throughput.
    fn median<'r>(&'r self, of: impl Fn(&'r Round) -> Option<&'r Figures>) -> Option<&'r Figures> {
        let mut all: Vec<&Figures> = self.rounds.iter().filter_map(of).collect();
        all.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
        all.get(all.len() / 2).copied()
    }

    /// The ratios of the rounds in the middle: both sides of one round ran beside the same noise.
    fn ratio<'r>(&'r self, over: impl Fn(&'r Round) -> Option<&'r Figures>) -> Option<f64> {
        let mut all: Vec<f64> =
            self.rounds.iter().filter_map(|round| Some(round.trellis.per_second / over(round)?.per_second)).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied()
    }
}

pub struct Report {
    cells: Vec<Cell>,
}

impl Report {
    pub fn new(rows: u64, rounds: usize, measured: Duration) -> Self {
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        println!(
            "{rows} rows, {rounds} rounds of {:.1} s per cell, {cores} cores, load average before the run {}\n",
            measured.as_secs_f64(),
            load.split(' ').next().unwrap_or_default()
        );
        println!(
            "| shape | conn. | server | req/s | p50 ms | p99 ms | CPU µs | MiB | Trellis ÷ it |\n|---|--:|---|--:|--:|--:|--:|--:|--:|"
        );
        Self { cells: Vec::new() }
    }

    /// Prints the rows of the cell.
    pub fn add(&mut self, cell: Cell) {
        let plain = if cell.shape.writes() { "hand-written, no journal" } else { "hand-written" };
        let rows = [
            ("Trellis", cell.median(|round| Some(&round.trellis)), None),
            (
                "hand-written, journal",
                cell.median(|round| round.journalled.as_ref()),
                cell.ratio(|round| round.journalled.as_ref()),
            ),
            (plain, cell.median(|round| Some(&round.plain)), cell.ratio(|round| Some(&round.plain))),
        ];
        for (server, figures, ratio) in rows {
            let Some(figures) = figures else { continue };
            println!(
                "| {} | {} | {server} | {:.0} | {} | {} | {:.1} | {} | {} |",
                cell.shape.name(),
                cell.connections,
                figures.per_second,
                milliseconds(figures.p50),
                milliseconds(figures.p99),
                figures.cpu.as_secs_f64() * 1e6,
                figures.rss,
                ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"))
            );
        }
        self.cells.push(cell);
    }

    /// The ratios alone: shapes down, connections across.
    pub fn finish(&self) {
        println!("\nTrellis ÷ hand-written with the same rows written (÷ plain for writes):\n");
        let mut shape = None;
        for cell in &self.cells {
            if shape.replace(cell.shape) != Some(cell.shape) {
                print!("{}{:<22}", if cell.shape == self.cells[0].shape { "" } else { "\n" }, cell.shape.name());
            }
            let plain = cell.ratio(|round| Some(&round.plain)).unwrap_or_default();
            match cell.ratio(|round| round.journalled.as_ref()) {
                Some(ratio) => print!("  {:>3}: {ratio:.2} ({plain:.2})", cell.connections),
                None => print!("  {:>3}: {plain:.2}       ", cell.connections),
            }
        }
        println!();
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}
