//! Price books and their entries: two general books that overlap by a day, then books by channel, tier, area and dealer.

use std::sync::Arc;

use chrono::Days;

use crate::draw::{Draw, id};
use crate::network::{CHANNELS, channel_id, dealer_code, dealer_id, region_id, tier_id};
use crate::organisation::{Person, dealer_unit, headquarters};
use crate::products::{Product, product_id};
use crate::row::{Build, Row};
use crate::table::Table;
use crate::world::World;

pub fn tables(world: &Arc<World>) -> Vec<Table> {
    let scale = world.scale;
    vec![
        Table::new("price_book", world, scale.price_books, scale.price_books, book),
        Table::new("price_entry", world, scale.price_books, scale.price_entries, entries),
    ]
}

/// Whom a book is for.
enum Scope {
    Earlier,
    Later,
    Dealer(u64, &'static str),
    General(&'static str),
    Channel(usize),
    Tier(usize),
    Area(u64),
}

fn scope(world: &World, book: u64) -> Scope {
    let dealers = world.scale.dealers;
    match book {
        0 => Scope::Earlier,
        1 => Scope::Later,
        2 => Scope::Dealer(0, "sell_out"),
        3 => Scope::General("sell_in"),
        4 => Scope::General("suggested_retail"),
        5..=9 => Scope::Channel(book as usize - 5),
        10..=12 => Scope::Tier(book as usize - 10),
        13..=15 => Scope::Area(book - 13),
        16..=39 => Scope::Dealer((book - 15) % dealers, "sell_out"),
        _ => Scope::Dealer((book - 40) % dealers, "sell_in"),
    }
}

fn owner(world: &World, book: u64) -> (String, String) {
    match scope(world, book) {
        Scope::Dealer(dealer, "sell_out") => (Person::DealerAdmin(dealer).id(), dealer_unit(dealer)),
        Scope::Area(area) => (Person::RegionManager(area).id(), Person::RegionManager(area).unit(world)),
        _ => (Person::Headquarters.id(), headquarters()),
    }
}

/// Percent of the list price.
fn level(world: &World, book: u64) -> (&'static str, i64) {
    match scope(world, book) {
        Scope::Dealer(_, "sell_in") | Scope::General("sell_in") => ("sell_in", 82),
        Scope::General("suggested_retail") => ("suggested_retail", 125),
        _ => ("sell_out", 96),
    }
}

fn book(world: &World, book: u64, rows: &mut Vec<Row>) {
    let middle = world.day(world.scale.days / 2);
    let (owner, unit) = owner(world, book);
    let mut row = Build::new("price_book", book, &owner, &unit)
        .set("book_code", format!("PB{:04}", book + 1))
        .set("price_level", level(world, book).0)
        .set("currency", "CNY")
        .set("is_tax_included", false)
        .set("priority_n", book % 10)
        .set("is_exclusive", false)
        .set("version_n", 1);
    let mut name = match level(world, book).0 {
        "sell_in" => "进货价",
        "suggested_retail" => "建议零售价",
        _ => "出货价",
    }
    .to_owned();
    let mut status = "active";
    let mut from = world.start();
    match scope(world, book) {
        Scope::Earlier => {
            row = row.date("to_on", middle);
            status = "expired";
        }
        Scope::Later => from = middle,
        Scope::General(_) => {}
        Scope::Channel(channel) => {
            name = format!("{} {name}", CHANNELS[channel].1);
            row = row.set("channel", channel_id(world, channel));
        }
        Scope::Tier(tier) => {
            name = format!("{} 级 {name}", ["A", "B", "C"][tier]);
            row = row.set("tier", tier_id(world, tier));
        }
        Scope::Area(area) => {
            row = row.set("region", region_id(world.area_region(area))).date("to_on", world.today + Days::new(10));
            name = format!("{} {name}", crate::network::region_name(world, world.area_region(area)).1);
        }
        Scope::Dealer(dealer, _) => {
            name = format!("{} {name}", dealer_code(dealer));
            row = row.set("dealer", dealer_id(dealer));
            if book == 38 {
                status = "draft";
            } else if book == 39 {
                status = "approving";
            }
        }
    }
    rows.push(row.set("name", name).date("from_on", from).set("status", status).done());
}

fn entries(world: &World, book: u64, rows: &mut Vec<Row>) {
    let (books, entries) = (world.scale.price_books, world.scale.price_entries);
    let (first, end) = (entries * book / books, entries * (book + 1) / books);
    let (owner, unit) = owner(world, book);
    let start = Draw::new("price_book", book).below(world.scale.own_products);
    for entry in first..end {
        let product = (start + entry - first) % world.scale.own_products;
        let facts = Product::of(world, product);
        let percent = level(world, book).1 + Draw::new("price_entry", entry).below(4) as i64;
        let row = Build::new("price_entry", entry, &owner, &unit)
            .set("price_book", id("price_book", book))
            .set("target", "sku")
            .set("product", product_id(product))
            .set("uom", "box")
            .set("method", "fixed")
            .decimal("price_price", facts.list_cents * facts.factor * percent, 4)
            .decimal("min_qty", 0, 3)
            .date("from_on", world.start());
        rows.push(row.done());
    }
}
