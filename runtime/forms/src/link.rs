//! The addresses of the workspace, in one place.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use trellis_metadata::snapshot::Object;
use uuid::Uuid;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Builds the addresses of one tenant.
#[derive(Clone, Copy, Debug)]
pub struct Links<'a> {
    pub tenant: &'a str,
}

impl Links<'_> {
    pub fn home(self) -> String {
        format!("/t/{}/app", encode(self.tenant))
    }

    pub fn login(self) -> String {
        format!("/t/{}/login", encode(self.tenant))
    }

    pub fn logout(self) -> String {
        format!("/t/{}/logout", encode(self.tenant))
    }

    pub fn locale(self) -> String {
        format!("/t/{}/app/locale", encode(self.tenant))
    }

    pub fn notifications(self) -> String {
        format!("/t/{}/app/notifications", encode(self.tenant))
    }

    pub fn notifications_read(self) -> String {
        format!("/t/{}/app/notifications/read", encode(self.tenant))
    }

    pub fn list(self, object: &Object) -> String {
        format!("/t/{}/app/{}", encode(self.tenant), object.name)
    }

    pub fn new_record(self, object: &Object) -> String {
        format!("{}/new", self.list(object))
    }

    pub fn record(self, object: &Object, id: Uuid) -> String {
        format!("{}/{id}", self.list(object))
    }

    pub fn edit(self, object: &Object, id: Uuid) -> String {
        format!("{}/edit", self.record(object, id))
    }

    pub fn delete(self, object: &Object, id: Uuid) -> String {
        format!("{}/delete", self.record(object, id))
    }

    pub fn transition(self, object: &Object, id: Uuid) -> String {
        format!("{}/transition", self.record(object, id))
    }

    pub fn revert(self, object: &Object, id: Uuid, version: i64) -> String {
        format!("{}/history/{version}/revert", self.record(object, id))
    }

    pub fn file(self, id: Uuid) -> String {
        format!("/t/{}/api/v1/files/{id}", encode(self.tenant))
    }

    /// A picture as it stands in lists.
    pub fn picture(self, id: Uuid) -> String {
        format!("{}?variant=thumb", self.file(id))
    }

    /// The record API of an object, for the searchable lookups of the enhancer.
    pub fn api(self, object: &Object) -> String {
        format!("/t/{}/api/v1/{}", encode(self.tenant), object.name)
    }
}

/// `?a=b&c=d`, or nothing for no pairs.
pub fn query(pairs: &[(String, String)]) -> String {
    let joined: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    if joined.is_empty() { String::new() } else { format!("?{}", joined.join("&")) }
}

pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// The address when it is safe as a link: ours, or a web, mail or telephone address; never `javascript:`.
pub fn safe_href(address: &str) -> Option<String> {
    let address = address.trim();
    let lower = address.to_ascii_lowercase();
    let allowed = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| lower.starts_with(scheme));
    let local = address.starts_with('/') && !address.starts_with("//") && !address.starts_with("/\\");
    (allowed || local).then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_addresses_become_links() {
        for good in ["https://a.example/x", "HTTP://a.example", "/t/demo/app", "mailto:a@b.example"] {
            assert!(safe_href(good).is_some(), "{good}");
        }
        for bad in ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "//evil.example", "/\\evil", "x"]
        {
            assert!(safe_href(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn queries_are_encoded() {
        assert_eq!(query(&[]), "");
        assert_eq!(query(&[("q".into(), "a&b=中".into())]), "?q=a%26b%3D%E4%B8%AD");
    }
}
