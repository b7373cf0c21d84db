//! Pages from metadata: complete, accessible HTML that works without script.
//!
//! Models go in, a `String` comes out. It knows no HTTP type and no database: the server fills the models with what
//! the caller may read, and hands submitted pairs to [`decode_form`].

mod assets;
mod attachment;
mod catalogue;
mod control;
mod decode;
mod error;
mod format;
mod input;
mod link;
mod list_query;
mod page;
mod parse;
mod problem;
mod renderer;
mod site;
mod state_path;
mod tone;
mod written;

pub use assets::{Asset, app_css, app_icon, app_js, asset_by_name, assets};
pub use attachment::{FileControl, chosen, place as file_place, replacement};
pub use catalogue::{Catalogue, Message};
pub use control::{Control, LookupOptions, Lookups};
pub use decode::{DecodedForm, Stored, Unresolved, decode_form};
pub use error::Error;
pub use format::{Badge, Labels, Reader, Shown, show};
pub use input::{FormAction, FormInput, MAX_ROWS, ROWS_PER_ADD};
pub use link::{Links, safe_href};
pub use list_query::ListQuery;
pub use page::*;
pub use problem::FieldProblem;
pub use renderer::Renderer;
pub use site::{Crumb, Flash, Frame, Site, SiteUser};
pub use state_path::{StateStep, state_path};
pub use tone::Tone;
