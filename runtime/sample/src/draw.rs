//! Counter-based chance: what is drawn for a record depends on the seed, the object and the record's ordinal alone, so
//! any shard can be made by itself and gives the same rows on every machine.
//!
//! Whole numbers only, because the last digit of a float's logarithm is the machine's own business.

/// Changing it changes every row.
const SEED: u64 = 0x7e11_1550_2020_0601;

/// A stream of draws for one record.
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    pub fn new(object: &str, ordinal: u64) -> Self {
        let name = object
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self(mix(SEED ^ mix(name) ^ mix(ordinal.wrapping_add(1))))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// 0 up to but without `end`, which is at least 1.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end.max(1))) >> 64) as u64
    }

    pub fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// True `parts` times out of 100,000.
    pub fn chance(&mut self, parts: u64) -> bool {
        self.below(100_000) < parts
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// Position of one of the weights, as often as its share of their sum.
    pub fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (position, weight) in weights.iter().enumerate() {
            if left < *weight {
                return position;
            }
            left -= weight;
        }
        weights.len() - 1
    }

    /// How often something happens in a row before it stops, going on `parts` times out of 100,000; at most 40.
    pub fn run(&mut self, parts: u64) -> u64 {
        (0..40).take_while(|_| self.chance(parts)).count() as u64
    }

    /// A rank from 0 below `end` with a Zipf-like fall: each doubling of the rank holds 7 % more than the one before,
    /// as with an exponent of 0.9.
    pub fn popular(&mut self, end: u64) -> u64 {
        let octaves = u64::from((end + 1).ilog2());
        let weights: Vec<u64> = (0..octaves)
            .scan(1_000_000, |weight, _| {
                let now = *weight;
                *weight = now * 10_718 / 10_000;
                Some(now)
            })
            .collect();
        if weights.is_empty() {
            return 0;
        }
        let octave = self.weighted(&weights) as u32;
        ((1 << octave) - 1 + self.below(1 << octave)).min(end - 1)
    }

    /// The sum of twelve draws from -`spread`/2 to `spread`/2: close to normal with standard deviation `spread`.
    pub fn bell(&mut self, spread: i64) -> i64 {
        (0..12).map(|_| self.below(spread.unsigned_abs() + 1) as i64 - spread / 2).sum()
    }
}

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The stable id of a record: its ordinal first, so that rows arrive in index order, then bits only it has. Version 8 of
/// RFC 9562: laid out by its maker.
pub fn id(object: &str, ordinal: u64) -> String {
    let mut draw = Draw::new(object, ordinal);
    let (a, b) = (draw.next(), draw.next());
    format!(
        "{:08x}-{:04x}-8{:03x}-{:04x}-{:012x}",
        (ordinal >> 16) & 0xffff_ffff,
        ordinal & 0xffff,
        a & 0xfff,
        0x8000 | ((a >> 12) & 0x3fff),
        b & 0xffff_ffff_ffff
    )
}
