//! The plan of the business: how many of everything, and who belongs where. Small tables are worked out once; the rest
//! is arithmetic on ordinals.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use crate::Size;
use crate::draw::{Draw, id};
use crate::organisation::Person;

/// Ids of rows that exist already, by object and code.
#[derive(Clone, Debug, Default)]
pub struct Known(BTreeMap<(String, String), String>);

impl Known {
    pub fn insert(&mut self, object: &str, code: &str, id: &str) {
        self.0.insert((object.to_owned(), code.to_owned()), id.to_owned());
    }

    pub(crate) fn get(&self, object: &str, code: &str) -> Option<&str> {
        self.0.get(&(object.to_owned(), code.to_owned())).map(String::as_str)
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// A country above the areas.
    pub has_country: bool,
    pub areas: u64,
    pub cities: u64,
    pub supervisors: u64,
    pub brand_reps: u64,
    pub dealers: u64,
    pub outlets: u64,
    pub brands: u64,
    pub own_products: u64,
    pub competitor_products: u64,
    pub price_books: u64,
    pub price_entries: u64,
    pub assortments: u64,
    pub days: u64,
}

impl Scale {
    fn of(size: Size) -> Self {
        match size {
            Size::Small => Self {
                has_country: false,
                areas: 1,
                cities: 1,
                supervisors: 1,
                brand_reps: 1,
                dealers: 2,
                outlets: 50,
                brands: 2,
                own_products: 40,
                competitor_products: 10,
                price_books: 4,
                price_entries: 120,
                assortments: 2,
                days: 91,
            },
            Size::Medium => Self {
                has_country: true,
                areas: 3,
                cities: 8,
                supervisors: 5,
                brand_reps: 5,
                dealers: 20,
                outlets: 5_000,
                brands: 6,
                own_products: 1_700,
                competitor_products: 300,
                price_books: 60,
                price_entries: 40_000,
                assortments: 24,
                days: 364,
            },
        }
    }

    pub fn regions(&self) -> u64 {
        u64::from(self.has_country) + self.areas + self.cities
    }

    pub fn products(&self) -> u64 {
        self.own_products + self.competitor_products
    }
}

#[derive(Debug)]
pub struct World {
    pub scale: Scale,
    pub today: NaiveDate,
    known: Known,
    /// Ordinal of the first outlet of each dealer, and the number of outlets at the end.
    first_outlet: Vec<u64>,
}

impl World {
    pub fn new(size: Size, today: NaiveDate, known: Known) -> Self {
        let scale = Scale::of(size);
        Self { scale, today, known, first_outlet: first_outlets(&scale) }
    }

    /// The first day of the history.
    pub fn start(&self) -> NaiveDate {
        self.day(0)
    }

    /// Day 0 is the first of the history; the last one is today.
    pub fn day(&self, offset: u64) -> NaiveDate {
        let first = self.today.checked_sub_days(Days::new(self.scale.days - 1)).unwrap_or(self.today);
        first.checked_add_days(Days::new(offset)).unwrap_or(self.today)
    }

    /// Whole days from `day` to today.
    pub fn age(&self, offset: u64) -> u64 {
        (self.scale.days - 1).saturating_sub(offset)
    }

    /// The id of a row the packages may have seeded, else the generator's own.
    pub fn coded_id(&self, object: &str, ordinal: u64, code: &str) -> String {
        self.known.get(object, code).map_or_else(|| id(object, ordinal), str::to_owned)
    }

    pub fn is_known(&self, object: &str, code: &str) -> bool {
        self.known.get(object, code).is_some()
    }

    // Regions: the country if there is one, then areas, then cities.

    pub fn area_region(&self, area: u64) -> u64 {
        u64::from(self.scale.has_country) + area
    }

    pub fn city_region(&self, city: u64) -> u64 {
        self.area_region(self.scale.areas) + city
    }

    pub fn area_of_city(&self, city: u64) -> u64 {
        city % self.scale.areas
    }

    pub fn city_of_dealer(&self, dealer: u64) -> u64 {
        dealer % self.scale.cities
    }

    pub fn area_of_dealer(&self, dealer: u64) -> u64 {
        self.area_of_city(self.city_of_dealer(dealer))
    }

    // Outlets: consecutive ordinals per dealer.

    pub fn dealer_of_outlet(&self, outlet: u64) -> u64 {
        (self.first_outlet.partition_point(|first| *first <= outlet) - 1) as u64
    }

    #[cfg(test)]
    pub fn outlets_of_dealer(&self, dealer: u64) -> u64 {
        self.first_outlet[dealer as usize + 1] - self.first_outlet[dealer as usize]
    }

    /// Three of four shops are looked after by the dealer's own rep, the fourth by the brand's.
    pub fn rep_of_outlet(&self, outlet: u64) -> Person {
        let dealer = self.dealer_of_outlet(outlet);
        if outlet % 4 == 3 {
            Person::BrandRep(self.brand_rep_of_area(self.area_of_dealer(dealer), dealer))
        } else {
            Person::DealerRep(dealer)
        }
    }

    /// Brand reps and supervisors are dealt out to the areas in turn.
    fn brand_rep_of_area(&self, area: u64, dealer: u64) -> u64 {
        let in_area = (self.scale.brand_reps + self.scale.areas - 1 - area) / self.scale.areas;
        area + (dealer / self.scale.cities % in_area) * self.scale.areas
    }

    pub fn area_of_brand_rep(&self, rep: u64) -> u64 {
        rep % self.scale.areas
    }
}

/// Shares of a log-normal kind: a bell curve of doublings, so that the largest dealer has some ten times the shops of the
/// smallest.
fn first_outlets(scale: &Scale) -> Vec<u64> {
    let drawn = (0..scale.dealers).map(|dealer| lognormal(Draw::new("dealer_share", dealer).bell(600)));
    // Two draws alone may be far apart; the small business is there to be looked at from both sides.
    let weights: Vec<u64> = if scale.dealers == 2 { vec![3, 2] } else { drawn.collect() };
    let sum: u64 = weights.iter().sum();
    let mut edges = vec![0];
    let mut running = 0;
    for weight in weights {
        running += weight;
        edges.push(scale.outlets * running / sum);
    }
    edges
}

/// e^(x/1000) in thousandths, by squaring (1 + x/256000) eight times in whole numbers.
fn lognormal(x: i64) -> u64 {
    const ONE: i128 = 1 << 40;
    let mut value = ONE + i128::from(x) * ONE / 256_000;
    for _ in 0..8 {
        value = value * value / ONE;
    }
    (value * 1000 / ONE) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outlet_has_one_dealer() {
        for size in [Size::Small, Size::Medium] {
            let world = World::new(size, NaiveDate::default(), Known::default());
            let sum: u64 = (0..world.scale.dealers).map(|dealer| world.outlets_of_dealer(dealer)).sum();
            assert_eq!(sum, world.scale.outlets);
            assert!((0..world.scale.dealers).all(|dealer| world.outlets_of_dealer(dealer) > 4));
        }
    }

    #[test]
    fn shares_grow_by_e() {
        assert!((2_700..=2_720).contains(&lognormal(1000)));
        assert!((360..=369).contains(&lognormal(-1000)));
    }
}
