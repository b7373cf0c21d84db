//! The stylesheet, the enhancer and the icon, embedded, named by the hash of their bytes so that they may be cached for ever.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// A file served below `/assets/`.
#[derive(Clone, Debug)]
pub struct Asset {
    /// `app.<hash>.css`
    pub name: String,
    /// `/assets/app.<hash>.css`
    pub url: String,
    pub content_type: &'static str,
    /// Hexadecimal, the part in the name.
    pub hash: String,
    pub bytes: &'static [u8],
}

static CSS: LazyLock<Asset> =
    LazyLock::new(|| asset("css", "text/css; charset=utf-8", include_bytes!("../assets/app.css")));
static JS: LazyLock<Asset> =
    LazyLock::new(|| asset("js", "text/javascript; charset=utf-8", include_bytes!("../assets/app.js")));

static ICON: LazyLock<Asset> = LazyLock::new(|| asset("svg", "image/svg+xml", include_bytes!("../assets/icon.svg")));

pub fn app_icon() -> Asset {
    ICON.clone()
}

pub fn app_css() -> Asset {
    CSS.clone()
}

pub fn app_js() -> Asset {
    JS.clone()
}

/// All files pages refer to.
pub fn assets() -> [Asset; 3] {
    [app_css(), app_js(), app_icon()]
}

/// The file of that name.
pub fn asset_by_name(name: &str) -> Option<Asset> {
    assets().into_iter().find(|asset| asset.name == name)
}

fn asset(extension: &str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = Sha256::digest(bytes);
    let mut hash = String::with_capacity(16);
    for byte in digest.iter().take(8) {
        hash.push(char::from(HEX[usize::from(byte >> 4)]));
        hash.push(char::from(HEX[usize::from(byte & 15)]));
    }
    let name = format!("app.{hash}.{extension}");
    Asset { url: format!("/assets/{name}"), name, content_type, hash, bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_their_hashed_name_only() {
        for asset in assets() {
            assert_eq!(asset_by_name(&asset.name).unwrap().bytes, asset.bytes);
        }
        assert!(asset_by_name("app.css").is_none());
        assert!(asset_by_name("../app.css").is_none());
    }
}
