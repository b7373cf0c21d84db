//! A made-up distribution business: dealers, shops, products, prices and a history of orders, for demos, benches and
//! tests.
//!
//! The rows speak the field names of the packages `core_channel`, `product_pricing` and `ordering`. Every row depends on
//! its object, its ordinal and the business date alone: there is no clock and no global state, so any part of a table can
//! be made by itself, in parallel, with the same result on every machine. This crate knows no database, no snapshot and
//! no permission; whoever loads the rows does.
//!
//! Rows hold what a person could have written, with `id`, `owner_id` and `org_unit_id`. Numbers, formulas and roll-ups
//! are left to the runtime.

mod draw;
mod history;
mod names;
mod network;
mod orders;
mod organisation;
mod outlets;
mod prices;
mod products;
mod row;
mod table;
mod world;

use std::sync::Arc;

use chrono::NaiveDate;

pub use organisation::{Organisation, Unit, User};
pub use row::Row;
pub use table::Table;
pub use world::Known;
use world::World;

/// How large a business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// 2 dealers, 50 shops, 3 months: loads while one watches.
    Small,
    /// 20 dealers, 5,000 shops, one year, about 68,000 orders.
    Medium,
}

/// A whole business: who works in it, and its tables in an order in which every reference points back.
#[derive(Debug)]
pub struct Dataset {
    pub organisation: Organisation,
    pub tables: Vec<Table>,
}

/// The business as it stands on the evening of `today`. `known` are rows that the packages' own seeds have already made:
/// they are not made again, and references use their ids.
pub fn dataset(size: Size, today: NaiveDate, known: Known) -> Dataset {
    let world = Arc::new(World::new(size, today, known));
    let mut tables = network::tables(&world);
    tables.extend(products::tables(&world));
    tables.extend(outlets::tables(&world));
    tables.extend(prices::tables(&world));
    tables.extend(orders::tables(&world));
    Dataset { organisation: organisation::organisation(&world), tables }
}
