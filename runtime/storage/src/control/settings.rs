//! The installation's settings: text by key.
//!
//! Two are made on first start: `secret`, 32 random bytes in hexadecimal that sign cursors, and `setup_token`, which
//! lets the first administrator in once.

use std::fmt::Write as _;

use sea_query::{Expr, ExprTrait, OnConflict, Query};
use trellis_plan::ColumnKind;

use super::Control;
use crate::{Error, Pending, Session, query};

pub const SECRET: &str = "secret";
pub const SETUP_TOKEN: &str = "setup_token";

impl Control {
    pub fn setting(&self, key: &str) -> Result<Option<String>, Error> {
        self.read(|session| find(session, key))
    }

    pub fn put_setting(&self, key: &str, value: &str) -> Pending<(), Error> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.write(move |session| put(session, &key, &value, OnConflict::column("key").update_column("value")))
    }

    /// True for the one caller who removed it.
    pub fn take_setting(&self, key: &str, value: &str) -> Pending<bool, Error> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.write(move |session| {
            let mut delete = Query::delete();
            delete.from_table("settings").and_where(Expr::col("key").eq(key)).and_where(Expr::col("value").eq(value));
            Ok(query::execute(session, &delete)? == 1)
        })
    }

    /// What lets the first administrator in, until it was used.
    pub fn setup_token(&self) -> Result<Option<String>, Error> {
        self.setting(SETUP_TOKEN)
    }

    /// True for the one caller who used it.
    pub fn take_setup_token(&self, token: &str) -> Pending<bool, Error> {
        self.take_setting(SETUP_TOKEN, token)
    }

    /// For a setup that failed after taking the token.
    pub fn give_back_setup_token(&self, token: &str) -> Pending<(), Error> {
        self.put_setting(SETUP_TOKEN, token)
    }

    /// The 32 bytes behind signed cursors.
    pub fn secret(&self) -> Result<[u8; 32], Error> {
        let kept = self.setting(SECRET)?.unwrap_or_default();
        bytes(&kept).ok_or_else(|| Error::defect("the secret is not 32 bytes in hexadecimal"))
    }
}

/// Makes the settings every installation has; what is there stays.
pub(super) fn fill(session: &mut dyn Session) -> Result<(), Error> {
    if find(session, SECRET)?.is_some() {
        return Ok(());
    }
    for key in [SECRET, SETUP_TOKEN] {
        put(session, key, &hex(&rand::random()), OnConflict::column("key").do_nothing())?;
    }
    Ok(())
}

fn find(session: &mut dyn Session, key: &str) -> Result<Option<String>, Error> {
    let mut select = Query::select();
    select.column("value").from("settings").and_where(Expr::col("key").eq(key));
    query::row(session, &select, &[ColumnKind::Text], |row| row.get(0))
}

fn put(session: &mut dyn Session, key: &str, value: &str, conflict: &OnConflict) -> Result<(), Error> {
    let mut insert = Query::insert();
    insert.into_table("settings").columns(["key", "value"]).values_panic([key.into(), value.into()]);
    insert.on_conflict(conflict.clone());
    query::execute(session, &insert).map(drop)
}

pub(super) fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[index * 2..index * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}
