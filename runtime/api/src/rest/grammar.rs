//! The syntax of query values: text to small trees, without any knowledge of objects and fields.

mod condition;
mod order;
#[cfg(test)]
mod round_trip;
mod scan;
mod select;

pub use condition::{Condition, Operand, Tally, Test, parse_group, parse_one};
pub use order::{Key, parse_order};
pub use select::{
    Function, GroupKey, Item, Join, MAX_DEPTH as MAX_EMBED_DEPTH, parse_groups, parse_items, parse_names,
};
