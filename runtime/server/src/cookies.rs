//! The cookies of the pages: out of reach of scripts, and of plain connections where browsers come over HTTPS.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, CookieBuilder, SameSite};

/// Holds no secret, so that it may be read without knowing how the server is reached.
pub const LOCALE: &str = "trellis_locale";

/// How cookies are named and sent at this address.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    secure: bool,
}

/// What a cookie is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Session,
    /// Ties the login form to the browser that was shown it.
    Login,
    Locale,
}

impl Cookies {
    /// For browsers that reach the server at `public_url`.
    pub fn at(public_url: Option<&str>) -> Self {
        Self { secure: public_url.is_some_and(|url| url.starts_with("https://")) }
    }

    /// The `__Host-` names can be set by no other host and over no plain connection.
    fn name(self, purpose: Purpose) -> &'static str {
        match (purpose, self.secure) {
            (Purpose::Session, false) => "trellis_session",
            (Purpose::Session, true) => "__Host-trellis_session",
            (Purpose::Login, false) => "trellis_login",
            (Purpose::Login, true) => "__Host-trellis_login",
            (Purpose::Locale, _) => LOCALE,
        }
    }

    pub fn get(self, request: &HttpRequest, purpose: Purpose) -> Option<String> {
        Some(request.cookie(self.name(purpose))?.value().to_owned())
    }

    pub fn build(self, purpose: Purpose, value: String) -> CookieBuilder<'static> {
        Cookie::build(self.name(purpose), value).path("/").http_only(true).secure(self.secure).same_site(SameSite::Lax)
    }
}
