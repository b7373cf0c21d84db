//! Shops, the people in them, who supplies and who visits them, and the duplicates somebody must sort out.

use std::sync::Arc;

use chrono::Days;
use serde_json::json;

use crate::draw::{Draw, id};
use crate::history::{is_workday, tier};
use crate::names::{self, BOX_HEIGHT, BOX_WIDTH, CITIES};
use crate::network::{channel_id, dealer_id, region_id, tier_id};
use crate::organisation::{Person, dealer_unit};
use crate::row::{Build, Row, instant, place};
use crate::table::Table;
use crate::world::World;

/// Shares of the channels, in the order of [`crate::network::CHANNELS`].
const CHANNEL_SHARES: [u64; 5] = [68, 6, 8, 12, 6];
/// Shops that always carry a hard case, one each.
const EMOJI: u64 = 1;
const RARE_HANZI: u64 = 2;
const LONG_NOTE: u64 = 5;
const TWO_DEALERS: u64 = 4;
const TRANSFERRED: u64 = 6;
const CHINESE_DATUM: u64 = 8;
/// Shops in a cluster around a market street.
const CLUSTER: u64 = 20;

pub fn tables(world: &Arc<World>) -> Vec<Table> {
    let outlets = world.scale.outlets;
    let people = Person::all(world).len() as u64;
    vec![
        Table::new("outlet", world, outlets, outlets, outlet),
        Table::counted("outlet_contact", world, outlets, contact),
        Table::counted("outlet_dealer_link", world, outlets, links),
        Table::counted("outlet_merge_case", world, outlets, merge_case),
        Table::counted("rep_profile", world, people, profile),
        Table::counted("rep_assignment", world, outlets, assignments),
        Table::counted("attendance_day", world, world.scale.days, attendance),
    ]
}

pub fn outlet_id(outlet: u64) -> String {
    id("outlet", outlet)
}

/// The shop this one was entered a second time for: 3 % of all, always with the same dealer.
fn duplicate_of(world: &World, outlet: u64) -> Option<u64> {
    let first = outlet.checked_sub(1)?;
    let double = outlet % 33 == 20 && world.dealer_of_outlet(first) == world.dealer_of_outlet(outlet);
    double.then_some(first)
}

/// Every third duplicate has been dealt with.
fn is_merged(outlet: u64) -> bool {
    outlet % 99 == 20
}

pub fn status(world: &World, outlet: u64) -> &'static str {
    if duplicate_of(world, outlet).is_some() && is_merged(outlet) {
        return "merged";
    }
    if outlet <= CHINESE_DATUM {
        return "active";
    }
    match Draw::new("outlet_status", outlet).below(100) {
        0 => "lead",
        1 => "verified",
        2..=3 => "closed",
        4..=9 => "dormant",
        _ => "active",
    }
}

fn name(world: &World, outlet: u64) -> String {
    match outlet {
        EMOJI => "🍜 老王面馆 👨‍👩‍👧".to_owned(),
        RARE_HANZI => "𠮷祥龘龘商店".to_owned(),
        _ => match duplicate_of(world, outlet) {
            Some(first) => {
                format!("{}（{}店）", name(world, first), if outlet.is_multiple_of(2) { "老" } else { "新" })
            }
            None => names::shop(&mut Draw::new("outlet_name", outlet), channel(outlet)),
        },
    }
}

fn channel(outlet: u64) -> usize {
    Draw::new("outlet_channel", outlet).weighted(&CHANNEL_SHARES)
}

/// Clustered as in a town: a centre per cluster, shops some hundred metres around it.
fn position(world: &World, outlet: u64) -> (i64, i64) {
    let at = duplicate_of(world, outlet).unwrap_or(outlet);
    let city = CITIES[world.city_of_dealer(world.dealer_of_outlet(at)) as usize];
    let mut centre = Draw::new("cluster", at / CLUSTER);
    let lat = city.2 + centre.below(BOX_HEIGHT as u64) as i64;
    let lng = city.3 + centre.below(BOX_WIDTH as u64) as i64;
    let mut draw = Draw::new("outlet_position", outlet);
    let mut scatter = Draw::new("outlet_position", at);
    let (dlat, dlng) = (scatter.bell(2_400), scatter.bell(2_700));
    let nudge = if at == outlet { (0, 0) } else { (draw.bell(80), draw.bell(80)) };
    (lat + dlat + nudge.0, lng + dlng + nudge.1)
}

fn outlet(world: &World, outlet: u64, rows: &mut Vec<Row>) {
    let mut draw = Draw::new("outlet", outlet);
    let dealer = world.dealer_of_outlet(outlet);
    let rep = world.rep_of_outlet(outlet);
    let status = status(world, outlet);
    let (mut lat, mut lng) = position(world, outlet);
    if outlet == CHINESE_DATUM {
        // Imported in GCJ-02 without conversion: half a kilometre off.
        (lat, lng) = (lat - 2_300, lng + 4_600);
    }
    let sales = 80_000 * i64::from(1 << draw.run(40_600).min(7)) + draw.below(40_000) as i64;
    let row = Build::new("outlet", outlet, &rep.id(), &rep.unit(world))
        .set("name", name(world, outlet))
        .set("channel", channel_id(world, channel(outlet)))
        .set("tier", tier_id(world, tier(outlet)))
        .set("region", region_id(world.city_region(world.city_of_dealer(dealer))))
        .set(
            "address",
            format!(
                "{}{}路{}号",
                CITIES[world.city_of_dealer(dealer) as usize].1,
                draw.pick(&["人民", "解放", "中山", "建设", "和平", "新华"]),
                draw.between(1, 999)
            ),
        )
        .set("position_geo", place(lat, lng, draw.between(5, 40)))
        .set(
            "position_source",
            if outlet == CHINESE_DATUM { "import" } else { *draw.pick(&["gps", "gps", "gps", "map"]) },
        )
        .set("geofence_m_n", 200)
        .set("owner_name", names::person(&mut draw))
        .maybe("owner_phone", (status != "lead").then(|| names::phone(duplicate_of(world, outlet).unwrap_or(outlet))))
        .set("area_band", *draw.pick(&["lt20", "20_50", "20_50", "50_100", "gt100"]))
        .decimal("category_sales_amt", sales, 2)
        .set("has_fridge", draw.chance(55_000))
        .set("is_agreement_store", draw.chance(20_000))
        .set("main_dealer", dealer_id(dealer))
        .set("rep", rep.id())
        .set("status", status)
        .maybe("merged_into", (status == "merged").then(|| outlet_id(outlet - 1)))
        .maybe(
            "note_txt",
            (outlet == LONG_NOTE).then(|| "门前修路，送货走后门。".chars().cycle().take(5_000).collect::<String>()),
        );
    rows.push(row.done());
}

fn contact(world: &World, outlet: u64, rows: &mut Vec<Row>) {
    let mut draw = Draw::new("outlet_contact", outlet);
    if !draw.chance(60_000) {
        return;
    }
    let rep = world.rep_of_outlet(outlet);
    let row = Build::new("outlet_contact", outlet, &rep.id(), &rep.unit(world))
        .set("outlet", outlet_id(outlet))
        .set("name", names::person(&mut draw))
        .set("role", *draw.pick(&["boss", "clerk", "buyer"]))
        .set("phone", names::phone(10_000_000 + outlet))
        .set("is_primary", true);
    rows.push(row.done());
}

fn links(world: &World, outlet: u64, rows: &mut Vec<Row>) {
    let dealer = world.dealer_of_outlet(outlet);
    let second = (outlet == TWO_DEALERS || outlet % 50 == 33).then(|| (dealer + 1) % world.scale.dealers);
    for (priority, dealer) in [Some(dealer), second].into_iter().flatten().enumerate() {
        let row = Build::new(
            "outlet_dealer_link",
            outlet * 2 + priority as u64,
            &Person::DealerAdmin(dealer).id(),
            &dealer_unit(dealer),
        )
        .set("outlet", outlet_id(outlet))
        .set("dealer", dealer_id(dealer))
        .date("from_on", world.start())
        .set("priority_n", priority)
        .set("status", if status(world, outlet) == "closed" { "ended" } else { "active" });
        rows.push(row.done());
    }
}

fn merge_case(world: &World, outlet: u64, rows: &mut Vec<Row>) {
    let Some(first) = duplicate_of(world, outlet) else { return };
    let mut draw = Draw::new("outlet_merge_case", outlet);
    let manager = Person::RegionManager(world.area_of_dealer(world.dealer_of_outlet(outlet)));
    let row = Build::new("outlet_merge_case", outlet, &manager.id(), &manager.unit(world))
        .set("left", outlet_id(first))
        .set("right", outlet_id(outlet))
        .decimal("score_pct", draw.between(80, 99) as i64, 2)
        .set("signals_json", json!({ "phone": true, "distance_m": draw.between(1, 40) }))
        .set("decision", if is_merged(outlet) { "merge" } else { "pending" })
        .maybe("decided_by", is_merged(outlet).then(|| manager.id()));
    rows.push(row.done());
}

fn profile(world: &World, ordinal: u64, rows: &mut Vec<Row>) {
    let person = Person::all(world)[ordinal as usize];
    let Some(position) = person.position() else { return };
    let dealer = if let Person::DealerRep(dealer) = person { Some(dealer) } else { None };
    let mut draw = Draw::new("rep_profile", ordinal);
    let row = Build::new("rep_profile", ordinal, &person.id(), &person.unit(world))
        .set("user", person.id())
        .set("employer", if dealer.is_some() { "dealer" } else { "brand" })
        .maybe("dealer", dealer.map(dealer_id))
        .set("position", position)
        .date("hire_on", world.start() - Days::new(draw.between(20, 2_000)))
        .decimal("personal_credit_cap_amt", 500_000, 2)
        .set("status", "active");
    rows.push(row.done());
}

/// One assignment each; one shop changed hands in the middle of a month.
fn assignments(world: &World, outlet: u64, rows: &mut Vec<Row>) {
    let rep = world.rep_of_outlet(outlet);
    let change = world.start() + Days::new(45);
    let moved = outlet == TRANSFERRED;
    let assignment = |part: u64, user: Person| {
        Build::new("rep_assignment", outlet * 2 + part, &rep.id(), &rep.unit(world))
            .set("user", user.id())
            .set("target_type", "outlet")
            .set("outlet", outlet_id(outlet))
    };
    if moved {
        let before = Person::BrandRep(0);
        rows.push(
            assignment(0, before)
                .date("from_on", world.start())
                .date("to_on", change - Days::new(1))
                .set("reason", "initial")
                .done(),
        );
    }
    let (from, reason) = if moved { (change, "transfer") } else { (world.start(), "initial") };
    rows.push(assignment(1, rep).date("from_on", from).set("reason", reason).done());
}

/// A day of every rep.
fn attendance(world: &World, day: u64, rows: &mut Vec<Row>) {
    let date = world.day(day);
    let reps =
        Person::all(world).into_iter().filter(|person| matches!(person, Person::BrandRep(_) | Person::DealerRep(_)));
    for (position, rep) in reps.enumerate() {
        if !is_workday(date) {
            continue;
        }
        let ordinal = day * 256 + position as u64;
        let mut draw = Draw::new("attendance_day", ordinal);
        let status = ["field", "leave", "absent"][draw.weighted(&[960, 30, 10])];
        let out = status == "field";
        let (start, end) = (draw.between(8 * 60, 9 * 60), draw.between(17 * 60, 19 * 60));
        let row = Build::new("attendance_day", ordinal, &rep.id(), &rep.unit(world))
            .set("user", rep.id())
            .date("business_date", date)
            .maybe("start_at", out.then(|| instant(date, start)))
            .maybe("end_at", out.then(|| instant(date, end)))
            .set("status", status)
            .maybe("distance_m_n", out.then(|| draw.between(3_000, 40_000)));
        rows.push(row.done());
    }
}
