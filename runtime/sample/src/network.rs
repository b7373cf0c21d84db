//! The trading network: regions, channels, tiers, brands, categories, dealers and what each may sell.

use std::sync::Arc;

use chrono::Days;

use crate::draw::{Draw, id};
use crate::names::{self, AREAS, BRANDS, CATEGORIES, CITIES};
use crate::organisation::{Person, dealer_unit, headquarters};
use crate::row::{Build, Row, decimal};
use crate::table::Table;
use crate::world::World;

/// Code, name, least remaining shelf life (hundredths and days); as the package `core_channel` seeds them.
pub const CHANNELS: &[(&str, &str, i64, u64)] = &[
    ("TT", "传统渠道", 10, 30),
    ("MT", "现代渠道", 50, 135),
    ("CVS", "便利店", 33, 60),
    ("HORECA", "餐饮", 20, 30),
    ("SPECIAL", "特通", 20, 30),
    ("EC", "电商", 50, 90),
];
/// Code, visits a cycle, shortest visit in seconds, service minutes, credit limit in cents.
const TIERS: &[(&str, u64, u64, u64, i64)] =
    &[("A", 4, 480, 25, 2_000_000), ("B", 2, 300, 15, 800_000), ("C", 1, 180, 10, 200_000)];

pub fn tables(world: &Arc<World>) -> Vec<Table> {
    let scale = world.scale;
    vec![
        Table::new("region", world, scale.regions(), scale.regions(), region),
        Table::counted("channel", world, CHANNELS.len() as u64, channel),
        Table::counted("outlet_tier", world, TIERS.len() as u64, tier),
        Table::new("brand", world, scale.brands, scale.brands, brand),
        Table::counted("product_category", world, CATEGORIES.len() as u64, category),
        Table::new("dealer", world, scale.dealers, scale.dealers, dealer),
        Table::counted("dealer_authorization", world, scale.dealers, authorizations),
        Table::new("work_calendar", world, 1, 1, calendar),
    ]
}

fn head_office(object: &str, ordinal: u64) -> Build {
    Build::new(object, ordinal, &Person::Headquarters.id(), &headquarters())
}

pub fn region_id(region: u64) -> String {
    id("region", region)
}

pub fn channel_id(world: &World, channel: usize) -> String {
    world.coded_id("channel", channel as u64, CHANNELS[channel].0)
}

pub fn tier_id(world: &World, tier: usize) -> String {
    world.coded_id("outlet_tier", tier as u64, TIERS[tier].0)
}

pub fn dealer_id(dealer: u64) -> String {
    id("dealer", dealer)
}

pub fn dealer_code(dealer: u64) -> String {
    format!("D{:04}", dealer + 1)
}

/// Code and name of a region.
pub fn region_name(world: &World, region: u64) -> (String, String) {
    let (code, name) = if world.scale.has_country && region == 0 {
        ("CN", "全国")
    } else if region < world.city_region(0) {
        AREAS[(region - world.area_region(0)) as usize]
    } else {
        let city = CITIES[(region - world.city_region(0)) as usize];
        (city.0, city.1)
    };
    (code.to_owned(), name.to_owned())
}

pub fn region_parent(world: &World, region: u64) -> Option<u64> {
    if region >= world.city_region(0) {
        return Some(world.area_region(world.area_of_city(region - world.city_region(0))));
    }
    (world.scale.has_country && region > 0).then_some(0)
}

fn region(world: &World, region: u64, rows: &mut Vec<Row>) {
    let mut path = vec![region];
    while let Some(parent) = region_parent(world, path[0]) {
        path.insert(0, parent);
    }
    let codes: Vec<String> = path.iter().map(|region| region_name(world, *region).0).collect();
    let (code, name) = region_name(world, region);
    let area = path.iter().find(|region| **region >= world.area_region(0));
    let manager = area
        .filter(|area| **area < world.city_region(0))
        .map(|area| Person::RegionManager(area - world.area_region(0)).id());
    let row = head_office("region", region)
        .set("region_code", code)
        .set("name", name)
        .maybe("parent", region_parent(world, region).map(region_id))
        .set("level_n", path.len())
        .set("path", codes.join("/"))
        .maybe("manager", manager);
    rows.push(row.done());
}

fn channel(world: &World, ordinal: u64, rows: &mut Vec<Row>) {
    let (code, name, share, days) = CHANNELS[ordinal as usize];
    if world.is_known("channel", code) {
        return;
    }
    let row = head_office("channel", ordinal).set("channel_code", code).set("name", name);
    rows.push(row.decimal("min_shelf_life_pct", share, 2).set("min_shelf_life_days_n", days).done());
}

fn tier(world: &World, ordinal: u64, rows: &mut Vec<Row>) {
    let (code, visits, shortest, service, credit) = TIERS[ordinal as usize];
    if world.is_known("outlet_tier", code) {
        return;
    }
    let row = head_office("outlet_tier", ordinal)
        .set("tier_code", code)
        .set("name", format!("{code} 级"))
        .set("visits_per_cycle_n", visits)
        .set("min_visit_sec", shortest)
        .set("target_service_min", service)
        .decimal("credit_default_amt", credit, 2);
    rows.push(row.done());
}

fn brand(_: &World, ordinal: u64, rows: &mut Vec<Row>) {
    let (code, name, own) = BRANDS[ordinal as usize];
    rows.push(head_office("brand", ordinal).set("brand_code", code).set("name", name).set("is_own", own).done());
}

fn category(_: &World, ordinal: u64, rows: &mut Vec<Row>) {
    let (code, name, parent) = CATEGORIES[ordinal as usize];
    let path = parent.map_or_else(|| code.to_owned(), |parent| format!("{}/{code}", CATEGORIES[parent].0));
    let row = head_office("product_category", ordinal)
        .set("category_code", code)
        .set("name", name)
        .maybe("parent", parent.map(|parent| id("product_category", parent as u64)))
        .set("path", path)
        .set("is_own_scope", true);
    rows.push(row.done());
}

/// The first dealer's contract is about to end; in the larger business one is suspended and some are second tier.
fn dealer(world: &World, dealer: u64, rows: &mut Vec<Row>) {
    let mut draw = Draw::new("dealer", dealer);
    let signed = world.start() - Days::new(draw.between(30, 600));
    let left = if dealer == 0 { 40 } else { draw.between(90, 700) };
    let parent = dealer.checked_sub(14);
    let row =
        Build::new("dealer", dealer, &Person::RegionManager(world.area_of_dealer(dealer)).id(), &dealer_unit(dealer))
            .set("dealer_code", dealer_code(dealer))
            .set("name", names::firm(dealer))
            .set("short_name", names::firm(dealer).replace("商贸有限公司", ""))
            .set("level", if parent.is_some() { "tier2" } else { "tier1" })
            .maybe("parent", parent.map(dealer_id))
            .set("region", region_id(world.city_region(world.city_of_dealer(dealer))))
            .set("uscc_code", format!("91DEMO{:012}", dealer + 1))
            .set("contact_name", names::person(&mut draw))
            .set("contact_phone", names::phone(90_000_000 + dealer))
            .set("manager", Person::DealerAdmin(dealer).id())
            .set("status", if dealer == 12 { "suspended" } else { "active" })
            .set("settlement", *draw.pick(&["prepay", "monthly", "on_delivery"]))
            .date("contract_from_on", signed)
            .date("contract_to_on", world.today + Days::new(left));
    rows.push(row.done());
}

fn authorizations(world: &World, dealer: u64, rows: &mut Vec<Row>) {
    let own = (0..world.scale.brands).filter(|brand| BRANDS[*brand as usize].2);
    for (position, brand) in
        own.enumerate().filter(|(position, _)| *position == 0 || (position + dealer as usize) % 2 == 1)
    {
        let row = Build::new(
            "dealer_authorization",
            dealer * 8 + position as u64,
            &Person::RegionManager(world.area_of_dealer(dealer)).id(),
            &dealer_unit(dealer),
        )
        .set("dealer", dealer_id(dealer))
        .set("brand", id("brand", brand))
        .set("region", region_id(world.city_region(world.city_of_dealer(dealer))))
        .set("is_exclusive", false)
        .date("from_on", world.start());
        rows.push(row.done());
    }
}

fn calendar(world: &World, ordinal: u64, rows: &mut Vec<Row>) {
    let row = head_office("work_calendar", ordinal)
        .set("calendar_code", "CN")
        .set("name", "标准工作日历")
        .set("weekdays_json", serde_json::json!([1, 2, 3, 4, 5, 6]))
        .set("exceptions_json", serde_json::json!([{ "date": world.start().to_string(), "work": false }]));
    rows.push(row.done());
}

/// A share of one in hundredths, as a percent field takes it.
pub fn percent(hundredths: i64) -> String {
    decimal(hundredths, 2)
}
