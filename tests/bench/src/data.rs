//! The rows both servers hold: deterministic, written straight into the tenant's file.

use std::path::Path;

use chrono::{DateTime, Days, NaiveDate, Utc};
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::error::Error;

pub const STATUSES: [&str; 4] = ["open", "held", "done", "void"];
const CITIES: [&str; 8] = ["Kyoto", "Lyon", "Porto", "Quito", "Accra", "Turku", "Hanoi", "Cusco"];
/// One row in so many belongs to the field representative, the others to the office.
const SHARE: u64 = 10;

/// Whose rows are whose.
#[derive(Clone, Copy, Debug)]
pub struct Owners {
    pub office: Uuid,
    pub rep: Uuid,
}

/// Well-mixed bits of a number.
pub fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// Id of the loaded row `index`: ordered by time like the ids the servers mint.
pub fn id(index: u64) -> Uuid {
    let random = (u128::from(mix(index)) << 64) | u128::from(mix(!index));
    uuid::Builder::from_unix_timestamp_millis(
        1_767_225_600_000 + index,
        &random.to_be_bytes()[..10].try_into().unwrap_or_default(),
    )
    .into_uuid()
}

/// A row of the representative, by the place among his own.
pub fn own_row(place: u64) -> u64 {
    place * SHARE + 3
}

pub fn own_rows(rows: u64) -> u64 {
    rows / SHARE
}

fn is_own(index: u64) -> bool {
    index % SHARE == 3
}

/// A day within three years.
pub fn day(random: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default() + Days::new(random % 1_096)
}

pub fn city(random: u64) -> &'static str {
    CITIES[(random % CITIES.len() as u64) as usize]
}

pub fn status(random: u64) -> &'static str {
    STATUSES[(random % STATUSES.len() as u64) as usize]
}

/// Fills the table `visit` of a tenant's file.
pub fn load(file: &Path, rows: u64, owners: Owners) -> Result<(), Error> {
    let mut connection = Connection::open(file)?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;")?;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare(
            "INSERT INTO visit (id, created_at, created_by, updated_at, updated_by, owner_id, version, code, title, \
             note, status, priority, amount, discount, planned_on, seen_at, settled, contact, city) \
             VALUES (?1, ?2, ?3, ?2, ?3, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?;
        let created: i64 = 1_767_225_600_000_000;
        for index in 0..rows {
            let random = mix(index);
            let owner = if is_own(index) { owners.rep } else { owners.office };
            let seen = (!random.is_multiple_of(3)).then(|| created + (random % 31_536_000) as i64 * 1_000_000);
            insert.execute(params![
                id(index).as_bytes().as_slice(),
                created + index as i64 * 1_000,
                owner.as_bytes().as_slice(),
                format!("V{index:08}"),
                format!("Visit {} of {}", index % 977, city(random >> 8)),
                (!random.is_multiple_of(4)).then(|| format!("Shelf {} checked, {} facings.", random % 89, random % 23)),
                status(random >> 16),
                (1 + (random >> 20) % 9) as i64,
                ((random >> 24) % 1_000_000) as i64,
                ((random >> 28) % 30_000_000) as i64,
                day(random >> 32).to_string(),
                seen,
                ((random >> 40) % 2) as i64,
                format!("contact{}@example.com", random % 5_003),
                city(random >> 8),
            ])?;
        }
    }
    transaction.commit()?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

/// A new record as a client sends it.
pub fn new_record(number: u64, run: u64, out: &mut String) {
    use std::fmt::Write;
    let random = mix(number ^ (run << 40));
    let seen = DateTime::<Utc>::from_timestamp(1_767_225_600 + (random % 31_536_000) as i64, 0).unwrap_or_default();
    // Writing to a text cannot fail.
    let _ = write!(
        out,
        r#"{{"code":"N{run}-{number}","title":"Visit {} of {city}","note":"Shelf {} checked, {} facings.","status":"open","priority":{},"amount":"{}.{:02}","discount":"{}.5","planned_on":"{}","seen_at":"{}","settled":{},"contact":"contact{}@example.com","city":"{city}"}}"#,
        number % 977,
        random % 89,
        random % 23,
        1 + random % 9,
        random % 10_000,
        random % 100,
        random % 30,
        day(random >> 32),
        seen.format("%Y-%m-%dT%H:%M:%SZ"),
        random.is_multiple_of(2),
        random % 5_003,
        city = city(random >> 8),
    );
}
