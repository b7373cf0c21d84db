//! What is sold: taxes, products, their units, and the lists of what a shop must carry.

use std::sync::Arc;

use chrono::Days;

use crate::draw::{Draw, id};
use crate::names::{BRANDS, CATEGORIES, FIRST_LEAF, FLAVOURS};
use crate::network::{channel_id, percent, tier_id};
use crate::organisation::{Person, headquarters};
use crate::row::{Build, Row};
use crate::table::Table;
use crate::world::World;

/// Code, name, rate in hundredths; as the package `product_pricing` seeds them.
const TAXES: &[(&str, &str, i64)] = &[("VAT13", "增值税 13%", 13), ("VAT09", "增值税 9%", 9)];
/// The product whose box once held fewer pieces: old orders keep the old factor.
pub const REPACKED: u64 = 3;
pub const OLD_FACTOR: i64 = 20;
const ITEMS: u64 = 20;

pub fn tables(world: &Arc<World>) -> Vec<Table> {
    let scale = world.scale;
    vec![
        Table::counted("tax_category", world, TAXES.len() as u64, tax),
        Table::new("product", world, scale.products(), scale.products(), product),
        Table::counted("product_uom", world, scale.products(), units),
        Table::new("assortment", world, scale.assortments, scale.assortments, assortment),
        Table::new("assortment_item", world, scale.assortments, scale.assortments * ITEMS, items),
    ]
}

/// What orders and prices need to know of a product.
pub struct Product {
    pub brand: u64,
    /// Position in [`CATEGORIES`].
    pub category: usize,
    pub base_uom: &'static str,
    /// Base units in a box.
    pub factor: i64,
    /// Per base unit.
    pub list_cents: i64,
    /// In hundredths.
    pub tax: i64,
    pub status: &'static str,
}

impl Product {
    pub fn of(world: &World, product: u64) -> Self {
        let mut draw = Draw::new("product", product);
        let own = product < world.scale.own_products;
        let brands: Vec<u64> = (0..world.scale.brands).filter(|brand| BRANDS[*brand as usize].2 == own).collect();
        let category = FIRST_LEAF + (product as usize % (CATEGORIES.len() - FIRST_LEAF));
        let (base_uom, factors): (_, &[i64]) = match CATEGORIES[category].2 {
            Some(1) => ("bag", &[10, 20, 30]),
            Some(2) => ("pack", &[12, 16, 24]),
            _ => ("bottle", &[12, 15, 24]),
        };
        Self {
            brand: brands[product as usize % brands.len()],
            category,
            base_uom,
            factor: if product == REPACKED { 24 } else { *draw.pick(factors) },
            list_cents: 10 * draw.between(15, 110) as i64,
            tax: if CATEGORIES[category].2 == Some(2) { 9 } else { 13 },
            status: if own && product > REPACKED { *draw.pick(&STATUSES) } else { "active" },
        }
    }
}

/// Sixteen of twenty are on sale.
const STATUSES: [&str; 20] = [
    "active",
    "active",
    "active",
    "active",
    "active",
    "active",
    "active",
    "active",
    "active",
    "active",
    "active",
    "active",
    "active",
    "active",
    "active",
    "active",
    "active",
    "phase_out",
    "draft",
    "inactive",
];

pub fn product_id(product: u64) -> String {
    id("product", product)
}

/// The next own product on sale at or after `product`.
pub fn on_sale(world: &World, product: u64) -> u64 {
    let own = world.scale.own_products;
    (0..own)
        .map(|step| (product + step) % own)
        .find(|product| Product::of(world, *product).status == "active")
        .unwrap_or(0)
}

fn head_office(object: &str, ordinal: u64) -> Build {
    Build::new(object, ordinal, &Person::Headquarters.id(), &headquarters())
}

fn tax(world: &World, ordinal: u64, rows: &mut Vec<Row>) {
    let (code, name, rate) = TAXES[ordinal as usize];
    if !world.is_known("tax_category", code) {
        let row = head_office("tax_category", ordinal).set("tax_code", code).set("name", name);
        rows.push(row.set("rate_pct", percent(rate)).set("from_on", "2019-04-01").done());
    }
}

fn product(world: &World, product: u64, rows: &mut Vec<Row>) {
    let facts = Product::of(world, product);
    let mut draw = Draw::new("product_text", product);
    let size = *draw.pick(&["250", "330", "500", "1000"]);
    let measure = if facts.base_uom == "bag" { "g" } else { "ml" };
    let spec = format!("{size}{measure}×{}", facts.factor);
    let brand = BRANDS[facts.brand as usize].1.split(' ').next().unwrap_or_default();
    let flavour = draw.pick(FLAVOURS);
    let tax = usize::from(facts.tax == 9);
    let days = draw.between(90, 540);
    let row = head_office("product", product)
        .set("sku_code", format!("SKU{:05}", product + 1))
        .set("name", format!("{brand}{flavour}{} {size}{measure}", CATEGORIES[facts.category].1))
        .set("short_name", format!("{flavour}{}", CATEGORIES[facts.category].1))
        .set("barcode", barcode(product))
        .set("brand", id("brand", facts.brand))
        .set("category", id("product_category", facts.category as u64))
        .set("base_uom", facts.base_uom)
        .set("spec", spec)
        .set("shelf_life_days_n", days)
        .set("tax_category", world.coded_id("tax_category", tax as u64, TAXES[tax].0))
        .set("is_batch_tracked", true)
        .set("is_gift_only", false)
        .set("is_competitor", product >= world.scale.own_products)
        .decimal("list_price_amt", facts.list_cents, 2)
        .decimal("min_price_price", facts.list_cents * 80, 4)
        .set("status", facts.status)
        .date("launch_on", world.today - Days::new(draw.between(10, 900)));
    rows.push(row.done());
}

/// Thirteen digits of the range kept for use inside a firm, with their check digit.
fn barcode(product: u64) -> String {
    let body = format!("200{product:09}");
    let sum: u32 = body
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn units(world: &World, product: u64, rows: &mut Vec<Row>) {
    let facts = Product::of(world, product);
    let pieces = [(facts.base_uom, 1), ("box", facts.factor)];
    for (position, (uom, factor)) in pieces.into_iter().enumerate() {
        let row = head_office("product_uom", product * 4 + position as u64)
            .set("product", product_id(product))
            .set("uom", uom)
            .decimal("factor_qty", factor * 1000, 3)
            .set("is_order_uom", true)
            .set("is_default_order", uom == "box")
            .set("min_order_n", 1)
            .set("step_n", 1);
        rows.push(row.done());
    }
}

fn assortment(world: &World, ordinal: u64, rows: &mut Vec<Row>) {
    let kind = ["must_sell", "core", "new", "seasonal"][ordinal as usize % 4];
    let row = head_office("assortment", ordinal)
        .set("assortment_code", format!("AS{:03}", ordinal + 1))
        .set("name", format!("{}清单 {}", ["必分销", "核心", "新品", "季节"][ordinal as usize % 4], ordinal + 1))
        .set("kind", kind)
        .set("channel", channel_id(world, ordinal as usize % 5))
        .maybe("tier", (ordinal >= 4).then(|| tier_id(world, ordinal as usize % 3)))
        .date("from_on", world.start())
        .date("to_on", world.today + Days::new(90))
        .set("priority_n", ordinal)
        .set("status", "active");
    rows.push(row.done());
}

fn items(world: &World, assortment: u64, rows: &mut Vec<Row>) {
    for item in 0..ITEMS {
        let row = head_office("assortment_item", assortment * ITEMS + item)
            .set("assortment", id("assortment", assortment))
            .set("product", product_id((assortment * 7 + item) % world.scale.own_products))
            .set("min_facing_n", 1 + item % 3)
            .decimal("min_stock_qty", 6_000, 3)
            .set("weight_pct", percent(5));
        rows.push(row.done());
    }
}
