//! `/assets/app.<hash>.css|js`: named by content, cached for ever.

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
