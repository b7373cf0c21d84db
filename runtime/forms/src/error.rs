//! What can go wrong while a page is rendered: only defects of our own templates.

/// A template of ours does not compile or names something its model lacks.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("template {name} does not compile: {source}")]
    Template {
        name: &'static str,
        #[source]
        source: Box<handlebars::TemplateError>,
    },
    #[error("template {name} does not render: {source}")]
    Render {
        name: &'static str,
        #[source]
        source: Box<handlebars::RenderError>,
    },
}
