//! Who works in the business: units as a tree, people with managers and roles, and the demo's fixed logins.

use crate::draw::id;
use crate::names;
use crate::world::World;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Parents first.
    pub units: Vec<Unit>,
    /// Managers first.
    pub users: Vec<User>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    pub id: String,
    pub code: String,
    pub name: String,
    pub parent: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: String,
    pub email: String,
    pub name: String,
    pub unit: String,
    pub manager: Option<String>,
    pub roles: Vec<&'static str>,
    pub locale: &'static str,
    pub time_zone: &'static str,
}

/// A post in the business; its ordinal counts within its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    Admin,
    Headquarters,
    RegionManager(u64),
    Supervisor(u64),
    BrandRep(u64),
    DealerAdmin(u64),
    DealerRep(u64),
}

impl Person {
    pub fn all(world: &World) -> Vec<Person> {
        let scale = &world.scale;
        let mut people = vec![Person::Admin, Person::Headquarters];
        people.extend((0..scale.areas).map(Person::RegionManager));
        people.extend((0..scale.supervisors).map(Person::Supervisor));
        people.extend((0..scale.brand_reps).map(Person::BrandRep));
        people.extend((0..scale.dealers).map(Person::DealerAdmin));
        people.extend((0..scale.dealers).map(Person::DealerRep));
        people
    }

    pub fn id(self) -> String {
        let (kind, ordinal) = self.parts();
        id(kind, ordinal)
    }

    fn parts(self) -> (&'static str, u64) {
        match self {
            Person::Admin => ("user.admin", 0),
            Person::Headquarters => ("user.hq", 1),
            Person::RegionManager(n) => ("user.region", 0x100 + n),
            Person::Supervisor(n) => ("user.supervisor", 0x200 + n),
            Person::BrandRep(n) => ("user.rep", 0x300 + n),
            Person::DealerAdmin(n) => ("user.dealer", 0x1_0000 + n),
            Person::DealerRep(n) => ("user.dealer_rep", 0x2_0000 + n),
        }
    }

    /// The first of each kind has the login the documentation names; others are numbered from 2.
    fn email(self) -> String {
        let numbered =
            |name: &str, n: u64| if n == 0 { format!("{name}@demo") } else { format!("{name}{}@demo", n + 1) };
        match self {
            Person::Admin => "admin@demo".to_owned(),
            Person::Headquarters => "hq@demo".to_owned(),
            Person::RegionManager(n) => numbered("region", n),
            Person::Supervisor(n) => numbered("supervisor", n),
            Person::BrandRep(n) => numbered("rep", n),
            Person::DealerAdmin(n) => numbered("dealer", n),
            Person::DealerRep(0) => "dealer_rep@demo".to_owned(),
            Person::DealerRep(n) => format!("dealer{}_rep@demo", n + 1),
        }
    }

    fn roles(self) -> Vec<&'static str> {
        match self {
            Person::Admin => vec!["tenant_admin", "brand_admin"],
            Person::Headquarters => vec!["brand_hq"],
            Person::RegionManager(_) => vec!["region_mgr"],
            Person::Supervisor(_) => vec!["supervisor"],
            Person::BrandRep(_) => vec!["brand_rep"],
            Person::DealerAdmin(_) => vec!["dealer_admin"],
            Person::DealerRep(_) => vec!["dealer_rep"],
        }
    }

    fn manager(self, world: &World) -> Option<Person> {
        Some(match self {
            // The dealer is another firm: nobody in the brand manages its people.
            Person::Admin | Person::DealerAdmin(_) => return None,
            Person::Headquarters => Person::Admin,
            Person::RegionManager(_) => Person::Headquarters,
            Person::Supervisor(n) => Person::RegionManager(n % world.scale.areas),
            Person::BrandRep(n) => Person::Supervisor(n % world.scale.supervisors),
            Person::DealerRep(n) => Person::DealerAdmin(n),
        })
    }

    /// The unit he works in, which is also the unit of what he owns.
    pub fn unit(self, world: &World) -> String {
        match self {
            Person::Admin | Person::Headquarters => headquarters(),
            Person::RegionManager(n) => region_unit(world.area_region(n)),
            Person::Supervisor(n) => region_unit(world.area_region(n % world.scale.areas)),
            Person::BrandRep(n) => region_unit(world.area_region(world.area_of_brand_rep(n))),
            Person::DealerAdmin(n) | Person::DealerRep(n) => dealer_unit(n),
        }
    }

    /// Position in the rep profile, for those who have one.
    pub fn position(self) -> Option<&'static str> {
        match self {
            Person::RegionManager(_) => Some("region_mgr"),
            Person::Supervisor(_) => Some("supervisor"),
            Person::BrandRep(_) | Person::DealerRep(_) => Some("rep"),
            _ => None,
        }
    }

    /// `place` is his among all people.
    fn user(self, place: usize, world: &World) -> User {
        User {
            id: self.id(),
            email: self.email(),
            name: names::colleague(place),
            unit: self.unit(world),
            manager: self.manager(world).map(Person::id),
            roles: self.roles(),
            locale: "zh-CN",
            time_zone: "Asia/Shanghai",
        }
    }
}

pub fn headquarters() -> String {
    id("unit.hq", 0)
}

pub fn region_unit(region: u64) -> String {
    id("unit.region", 0x100 + region)
}

/// Every dealer is a unit below its city's.
pub fn dealer_unit(dealer: u64) -> String {
    id("unit.dealer", 0x1_0000 + dealer)
}

pub fn organisation(world: &World) -> Organisation {
    Organisation {
        units: units(world),
        users: Person::all(world).into_iter().enumerate().map(|(place, person)| person.user(place, world)).collect(),
    }
}

fn units(world: &World) -> Vec<Unit> {
    let scale = &world.scale;
    let mut units = vec![Unit { id: headquarters(), code: "HQ".to_owned(), name: "总部".to_owned(), parent: None }];
    for region in 0..scale.regions() {
        let (code, name) = crate::network::region_name(world, region);
        let parent = crate::network::region_parent(world, region).map_or_else(headquarters, region_unit);
        units.push(Unit { id: region_unit(region), code, name, parent: Some(parent) });
    }
    units.extend((0..scale.dealers).map(|dealer| Unit {
        id: dealer_unit(dealer),
        code: crate::network::dealer_code(dealer),
        name: names::firm(dealer),
        parent: Some(region_unit(world.city_region(world.city_of_dealer(dealer)))),
    }));
    units
}
