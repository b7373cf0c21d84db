//! Our own templates, compiled once. Strict: a name that a model lacks is an error, not a gap. Everything is escaped
//! but [`SafeHtml`](trellis_metadata::field_type::rich_text::SafeHtml), which the cleaner alone can make.

use handlebars::Handlebars;
use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::error::Error;
use crate::page::{Page, Template};
use crate::site::Frame;

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../templates/", $name, ".hbs")))),*]
    };
}

const TEMPLATES: &[(&str, &str)] = templates![
    "layout",
    "navigation",
    "icon_check",
    "shown",
    "control_text",
    "control_textarea",
    "control_select",
    "control_radios",
    "control_checkbox",
    "control_checkboxes",
    "control_lookup",
    "control_address",
    "control_file",
    "control_readonly",
    "control_head",
    "edit_row",
    "grid",
    "problems",
    "notification",
    "login",
    "setup",
    "entry",
    "home",
    "list",
    "record",
    "edit",
    "notifications",
    "error",
    "pieces",
    "error_code",
    "error_codes",
];

/// Turns page models into HTML.
#[derive(Debug)]
pub struct Renderer {
    templates: Handlebars<'static>,
}

#[derive(Serialize)]
struct Root<'a, M> {
    text: Catalogue,
    frame: &'a Frame,
    page: &'a M,
}

impl Renderer {
    pub fn new() -> Result<Self, Error> {
        let mut templates = Handlebars::new();
        templates.set_strict_mode(true);
        for (name, source) in TEMPLATES {
            templates
                .register_template_string(name, source)
                .map_err(|source| Error::Template { name, source: source.into() })?;
        }
        Ok(Self { templates })
    }

    pub fn render<M: Template>(&self, page: &Page<M>) -> Result<String, Error> {
        let root = Root { text: Catalogue(page.frame.locale), frame: &page.frame, page: &page.content };
        self.templates.render(M::NAME, &root).map_err(|source| Error::Render { name: M::NAME, source: source.into() })
    }

    /// One control by itself: for goldens.
    pub fn render_control(
        &self,
        control: &crate::Control,
        locale: trellis_metadata::label::Locale,
    ) -> Result<String, Error> {
        #[derive(Serialize)]
        struct Alone<'a> {
            text: Catalogue,
            #[serde(flatten)]
            control: &'a crate::Control,
        }
        let alone = Alone { text: Catalogue(locale), control };
        self.templates
            .render(control.partial, &alone)
            .map_err(|source| Error::Render { name: control.partial, source: source.into() })
    }
}
