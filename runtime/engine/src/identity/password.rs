//! Password hashes: argon2id, on a bounded number of threads so that a login storm cannot starve requests.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use parking_lot::{Condvar, Mutex};

use crate::{Error, Finding, FindingCode};

/// 19 MiB, two passes, one lane: the OWASP floor.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
/// Verifications at once.
const SLOTS: usize = 2;

pub const SHORTEST: usize = 8;
pub const LONGEST: usize = 128;

static FREE: LazyLock<(Mutex<usize>, Condvar)> = LazyLock::new(|| (Mutex::new(SLOTS), Condvar::new()));

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Whether a password is long enough, and not too long to be hashed.
pub fn check(password: &str) -> Result<(), Finding> {
    let fits = (SHORTEST..=LONGEST).contains(&password.chars().count());
    if fits { Ok(()) } else { Err(Finding::new("/password", FindingCode::PasswordLength)) }
}

/// The PHC string of a new password.
pub fn hash(password: &str) -> Result<String, Error> {
    in_slot(|| {
        let hash: PasswordHash =
            argon2()?.hash_password(password.as_bytes()).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(hash.to_string())
    })
}

/// Whether the password matches; an unknown account is checked against a fixed hash so that both take the same time.
pub fn verify(password: &str, stored: Option<&str>) -> Result<bool, Error> {
    static DUMMY: LazyLock<Option<String>> = LazyLock::new(|| hash("no account has this password").ok());
    let known = stored.is_some();
    let Some(stored) = stored.or(DUMMY.as_deref()) else { return Ok(false) };
    in_slot(|| {
        let parsed = PasswordHash::new(stored).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(argon2()?.verify_password(password.as_bytes(), &parsed).is_ok() && known)
    })
}

fn in_slot<T>(work: impl FnOnce() -> T) -> T {
    let (free, returned) = &*FREE;
    let mut count = free.lock();
    while *count == 0 {
        returned.wait(&mut count);
    }
    *count -= 1;
    drop(count);
    let result = work();
    *free.lock() += 1;
    returned.notify_one();
    result
}
