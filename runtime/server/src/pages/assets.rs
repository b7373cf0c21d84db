//! `/assets/app.<hash>.css|js|svg`: named by content, cached for ever.

use actix_web::HttpResponse;
use actix_web::web::Path;

pub async fn asset(path: Path<String>) -> HttpResponse {
    match trellis_forms::asset_by_name(&path) {
        Some(asset) => HttpResponse::Ok()
            .insert_header(("content-type", asset.content_type))
            .insert_header(("cache-control", "public, max-age=31536000, immutable"))
            .body(asset.bytes),
        None => HttpResponse::NotFound().finish(),
    }
}

/// `/favicon.ico`, for browsers that ask without having read a page.
pub async fn icon() -> HttpResponse {
    let icon = trellis_forms::app_icon();
    HttpResponse::Ok()
        .insert_header(("content-type", icon.content_type))
        .insert_header(("cache-control", "public, max-age=86400"))
        .body(icon.bytes)
}
