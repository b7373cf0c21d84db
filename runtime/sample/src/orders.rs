//! The order history: what shops bought from dealers on calls, what dealers bought from the brand, and the deliveries.

use std::sync::Arc;

use chrono::{Datelike, Days};

use crate::draw::{Draw, id};
use crate::history::{self, SELF_SERVICE, ordered, season};
use crate::network::dealer_id;
use crate::organisation::{Person, dealer_unit};
use crate::outlets::{outlet_id, status as outlet_status};
use crate::products::{OLD_FACTOR, Product, REPACKED, on_sale, product_id};
use crate::row::{Build, Row, instant};
use crate::table::Table;
use crate::world::World;

/// A dealer orders from the brand once in so many days.
const RESTOCK: u64 = 28;
const MOST_LINES: u64 = 32;

pub fn tables(world: &Arc<World>) -> Vec<Table> {
    let parts = parts(world);
    let orders: Vec<Order> = (0..parts).filter_map(|part| Order::of(world, part)).collect();
    let lines: u64 = orders.iter().map(Order::line_count).sum();
    let delivered = || orders.iter().filter(|order| order.has_delivery());
    vec![
        Table::new("sales_order", world, parts, orders.len() as u64, order_rows),
        Table::new("order_line", world, parts, lines, line_rows),
        Table::new("delivery", world, parts, delivered().count() as u64, delivery_rows),
        Table::new("delivery_line", world, parts, delivered().map(Order::line_count).sum(), delivery_line_rows),
    ]
}

/// Every planned call, then every restocking of a dealer.
fn parts(world: &World) -> u64 {
    history::calls(world) + world.scale.dealers * (world.scale.days / RESTOCK)
}

struct Order {
    /// Place in the table and source of the id.
    part: u64,
    dealer: u64,
    /// The shop that buys; `None` when the dealer himself does.
    outlet: Option<u64>,
    rep: Person,
    day: u64,
    status: &'static str,
}

impl Order {
    fn of(world: &World, part: u64) -> Option<Self> {
        match part.checked_sub(history::calls(world)) {
            Some(restock) => Some(Self::restock(world, part, restock)),
            None => Self::call(world, part),
        }
    }

    fn call(world: &World, part: u64) -> Option<Self> {
        let call = ordered(world, part)?;
        let age = world.age(call.day);
        let buys = match outlet_status(world, call.outlet) {
            "lead" | "verified" => false,
            "dormant" => age > 60,
            "closed" | "merged" => age > 45,
            _ => true,
        };
        buys.then(|| Self {
            part,
            dealer: world.dealer_of_outlet(call.outlet),
            outlet: Some(call.outlet),
            rep: world.rep_of_outlet(call.outlet),
            day: call.day,
            status: order_status(part, age),
        })
    }

    fn restock(world: &World, part: u64, restock: u64) -> Self {
        let dealer = restock % world.scale.dealers;
        let day = restock / world.scale.dealers * RESTOCK + Draw::new("restock", part).below(RESTOCK);
        Self {
            part,
            dealer,
            outlet: None,
            rep: Person::DealerAdmin(dealer),
            day,
            status: order_status(part, world.age(day)),
        }
    }

    /// One and then some: the sum of three runs with a mean of 1.5 each.
    fn line_count(&self) -> u64 {
        let mut draw = Draw::new("order_lines", self.part);
        let extra: u64 = (0..3).map(|_| draw.run(60_000)).sum();
        (1 + extra).min(MOST_LINES)
    }

    fn has_delivery(&self) -> bool {
        self.outlet.is_some()
            && matches!(self.status, "approved" | "reserved" | "part_delivered" | "delivered" | "closed")
    }

    fn id(&self) -> String {
        id("sales_order", self.part)
    }

    fn line_id(&self, line: u64) -> String {
        id("order_line", self.part * MOST_LINES + line)
    }

    fn build(&self, world: &World, object: &str, ordinal: u64) -> Build {
        Build::new(object, ordinal, &self.rep.id(), &self.rep.unit(world))
    }
}

/// Old orders are done with; the last days hold every state.
fn order_status(part: u64, age: u64) -> &'static str {
    let mut draw = Draw::new("order_status", part);
    let (states, weights): (&[&'static str], &[u64]) = match age {
        0 => (&["draft", "submitted", "approved"], &[30, 50, 20]),
        1..=3 => (&["submitted", "held", "approved", "reserved", "draft"], &[25, 8, 40, 20, 7]),
        4..=10 => (&["delivered", "part_delivered", "reserved", "approved", "cancelled"], &[70, 12, 10, 6, 2]),
        _ => (&["closed", "delivered", "cancelled", "rejected"], &[960, 15, 15, 10]),
    };
    states[draw.weighted(weights)]
}

fn order_rows(world: &World, part: u64, rows: &mut Vec<Row>) {
    let Some(order) = Order::of(world, part) else { return };
    let mut draw = Draw::new("sales_order", part);
    let day = world.day(order.day);
    let sell_in = order.outlet.is_none();
    let source = if sell_in || draw.chance(SELF_SERVICE) {
        "self_service"
    } else {
        *draw.pick(&["visit", "visit", "visit", "visit", "visit", "visit", "phone", "van"])
    };
    let pay = ["prepaid", "cash", "on_account"][draw.weighted(&[35, 45, 20])];
    let mut row = order
        .build(world, "sales_order", part)
        .set("price_level", if sell_in { "sell_in" } else { "sell_out" })
        .maybe("outlet", order.outlet.map(outlet_id))
        .set("rep", order.rep.id())
        .set("source", source)
        .set("order_at", instant(day, draw.between(8 * 60, 18 * 60 + 30)))
        .date("need_by_on", day + Days::new(draw.between(1, 3)))
        .set("currency", "CNY")
        .set("pay_mode", pay)
        .set("status", order.status)
        .maybe(
            "cancel_reason",
            matches!(order.status, "cancelled" | "rejected")
                .then(|| *draw.pick(&["价格不符", "库存不足", "店主取消", "重复下单"])),
        )
        .maybe("credit_result", (order.status == "held").then_some("hold"));
    row = if sell_in {
        row.set("buyer_dealer", dealer_id(order.dealer))
    } else {
        row.set("seller_dealer", dealer_id(order.dealer))
    };
    rows.push(row.done());
}

/// One line, worked out the same way for the order and for its delivery.
struct Line {
    product: u64,
    facts: Product,
    uom: &'static str,
    factor: i64,
    quantity: i64,
    gift: bool,
    /// In ten-thousandths, for one unit of measure.
    list_price: i64,
    unit_price: i64,
    discount_cents: i64,
}

impl Line {
    fn of(world: &World, order: &Order, line: u64) -> Self {
        let mut draw = Draw::new("order_line", order.part * MOST_LINES + line);
        let product = on_sale(world, draw.popular(world.scale.own_products));
        let facts = Product::of(world, product);
        let boxes = order.outlet.is_none() || draw.chance(80_000);
        let (uom, factor) = if boxes { ("box", facts.factor) } else { (facts.base_uom, 1) };
        // The repacked product held fewer pieces in the first half of the history.
        let factor = if boxes && product == REPACKED && order.day * 2 < world.scale.days { OLD_FACTOR } else { factor };
        let usual = if order.outlet.is_none() {
            draw.between(20, 120)
        } else if boxes {
            1 + draw.run(55_000)
        } else {
            draw.between(1, 11)
        };
        let quantity = (usual * season(world.day(order.day).month()) / 100).max(1) as i64;
        let gift = order.outlet.is_some() && line > 0 && draw.chance(2_000);
        let list_price = facts.list_cents * 100 * factor;
        let percent = if order.outlet.is_none() { 82 } else { draw.between(92, 100) as i64 };
        let unit_price = if gift { 0 } else { list_price / 100 * percent };
        // What dealers pay is near the floor price already.
        let discounted = draw.chance(10_000) && order.outlet.is_some();
        let discount_cents = if discounted { quantity * unit_price / 100 / 20 } else { 0 };
        Self { product, facts, uom, factor, quantity, gift, list_price, unit_price, discount_cents }
    }
}

fn line_rows(world: &World, part: u64, rows: &mut Vec<Row>) {
    let Some(order) = Order::of(world, part) else { return };
    for number in 0..order.line_count() {
        let line = Line::of(world, &order, number);
        let row = order
            .build(world, "order_line", part * MOST_LINES + number)
            .set("sales_order", order.id())
            .set("line_n", number + 1)
            .set("product", product_id(line.product))
            .set("uom", line.uom)
            .decimal("uom_qty", line.quantity * 1000, 3)
            .set("factor_n", line.factor)
            .set("line_kind", if line.gift { "gift" } else { "sale" })
            .decimal("list_price", line.list_price, 4)
            .decimal("unit_price", line.unit_price, 4)
            .decimal("discount_amt", line.discount_cents, 2)
            .decimal("tax_pct", line.facts.tax, 2);
        rows.push(row.done());
    }
}

fn delivery_rows(world: &World, part: u64, rows: &mut Vec<Row>) {
    let Some(order) = Order::of(world, part).filter(Order::has_delivery) else { return };
    let mut draw = Draw::new("delivery", part);
    let planned = world.day(order.day) + Days::new(1);
    let came = matches!(order.status, "part_delivered" | "delivered" | "closed");
    let status = match order.status {
        "closed" => "closed",
        "delivered" => "signed",
        "part_delivered" => "part_refused",
        _ => "planned",
    };
    let row = Build::new("delivery", part, &Person::DealerRep(order.dealer).id(), &dealer_unit(order.dealer))
        .set("sales_order", order.id())
        .set("dealer", dealer_id(order.dealer))
        .maybe("outlet", order.outlet.map(outlet_id))
        .date("planned_on", planned)
        .set("driver", Person::DealerRep(order.dealer).id())
        .set("vehicle", format!("样A{:05}", order.dealer * 7 + draw.below(3)))
        .set("status", status)
        .maybe("load_at", came.then(|| instant(planned, draw.between(6 * 60, 8 * 60))))
        .maybe("signed_at", came.then(|| instant(planned, draw.between(9 * 60, 18 * 60))))
        .maybe("sign_code", came.then(|| format!("{:06}", draw.below(1_000_000))))
        .maybe("distance_m_n", came.then(|| draw.between(2, 180)));
    rows.push(row.done());
}

fn delivery_line_rows(world: &World, part: u64, rows: &mut Vec<Row>) {
    let Some(order) = Order::of(world, part).filter(Order::has_delivery) else { return };
    let came = matches!(order.status, "part_delivered" | "delivered" | "closed");
    for number in 0..order.line_count() {
        let line = Line::of(world, &order, number);
        let quantity = line.quantity * line.factor;
        let refused = if order.status == "part_delivered" && number == 0 { quantity } else { 0 };
        let mut row = Build::new(
            "delivery_line",
            part * MOST_LINES + number,
            &Person::DealerRep(order.dealer).id(),
            &dealer_unit(order.dealer),
        )
        .set("delivery", id("delivery", part))
        .set("order_line", order.line_id(number))
        .decimal("qty", quantity * 1000, 3);
        if came {
            row = row.decimal("signed_qty", (quantity - refused) * 1000, 3).decimal("refused_qty", refused * 1000, 3);
        }
        if refused > 0 {
            row = row.set("refuse_reason", "short_date");
        }
        rows.push(row.done());
    }
}
