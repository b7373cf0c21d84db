//! The calendar of calls: who is called on when, and which calls end in an order.
//!
//! A cycle has 28 days. Of every ten shops one is of tier A (4 calls a cycle), three of B (2) and six of C (1): 16 calls.
//! 93 % of planned calls happen, 60 % of those bring an order, and 15 % of all orders are placed by the shop itself.

use chrono::{Datelike, NaiveDate};

use crate::draw::Draw;
use crate::world::World;

const CYCLE: u64 = 28;
const CALLS_PER_BLOCK: u64 = 16;
const BLOCK: u64 = 10;
/// Outlet within the block and which of its calls, for each of the sixteen.
const BLOCK_CALLS: [(u64, u64); CALLS_PER_BLOCK as usize] = [
    (0, 0),
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (0, 1),
    (0, 2),
    (1, 1),
    (2, 1),
    (3, 1),
    (0, 3),
];
/// 0.93 × 0.60 ÷ 0.85 of the calls, in parts of 100,000, and 3 % more for the shops that are new, dormant or closed and
/// order less.
const ORDERED: u64 = 67_800;
pub const SELF_SERVICE: u64 = 15_000;
/// Orders per weekday, Monday first.
const WEEKDAYS: [u64; 7] = [110, 105, 100, 100, 110, 90, 60];

/// Position of an outlet's tier: A, B, C.
pub fn tier(outlet: u64) -> usize {
    match outlet % BLOCK {
        0 => 0,
        1..=3 => 1,
        _ => 2,
    }
}

/// Number of planned calls in the whole history.
pub fn calls(world: &World) -> u64 {
    per_cycle(world) * world.scale.days / CYCLE
}

fn per_cycle(world: &World) -> u64 {
    world.scale.outlets / BLOCK * CALLS_PER_BLOCK
}

/// A planned call that ended in an order.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub outlet: u64,
    /// Days since the start of the history.
    pub day: u64,
}

/// What became of planned call `call`: an order, or none.
pub fn ordered(world: &World, call: u64) -> Option<Call> {
    let mut draw = Draw::new("call", call);
    if !draw.chance(ORDERED) {
        return None;
    }
    let (cycle, slot) = (call / per_cycle(world), call % per_cycle(world));
    let (within, visit) = BLOCK_CALLS[(slot % CALLS_PER_BLOCK) as usize];
    let outlet = slot / CALLS_PER_BLOCK * BLOCK + within;
    let calls = [4, 2, 1][tier(outlet)];
    let first = cycle * CYCLE;
    let left = world.scale.days - first;
    let day = if left >= CYCLE {
        first + visit * (CYCLE / calls) + draw.below(CYCLE / calls / 7) * 7 + weekday(&mut draw, world.start())
    } else {
        first + weekday(&mut draw, world.start())
    };
    Some(Call { outlet, day })
}

/// Days from the start of a week of the history to the weekday drawn.
fn weekday(draw: &mut Draw, start: NaiveDate) -> u64 {
    let drawn = draw.weighted(&WEEKDAYS) as u64;
    (drawn + 7 - u64::from(start.weekday().num_days_from_monday())) % 7
}

/// How well a month sells, in percent: the new year and the summer are high.
pub fn season(month: u32) -> u64 {
    [150, 90, 80, 85, 100, 120, 135, 130, 105, 95, 85, 110][(month as usize + 11) % 12]
}

/// Days on which people work: all but Sunday.
pub fn is_workday(day: NaiveDate) -> bool {
    day.weekday().num_days_from_monday() < 6
}
