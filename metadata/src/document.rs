//! What a tenant wrote: typed documents with the place of each part kept for messages.
//!
//! Parsing answers with every document that could be read and a finding for everything that could not. A document knows
//! its own shape only; whether what it names exists is for `resolve`.

pub mod field;
pub mod form;
pub mod object;
pub mod option_set;
mod ownership;
pub mod package;
pub mod restriction_rule;
pub mod role;
mod salvage;
pub mod scenario;
pub mod seed;
pub mod sequence;
mod set;
pub mod sharing_rule;
pub mod translation;
pub mod view;
pub mod workflow;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::{Map, Value};

pub use set::DocumentSet;

use crate::diagnostic::{Diagnostic, Severity};
use crate::identifier::Identifier;
use crate::label::Label;
use crate::snapshot::Layer;
use crate::source::{Position, Source};

macro_rules! kinds {
    ($($variant:ident $module:ident,)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind {
            $($variant,)+
        }

        /// The part of a document that only its kind has.
        #[derive(Clone, Debug)]
        pub enum Body {
            $($variant(Box<$module::$variant>),)+
        }

        impl Kind {
            pub const ALL: &[Kind] = &[$(Kind::$variant),+];

            /// As documents write it.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$variant => stringify!($module),)+ }
            }

            fn parse_body(self, body: Value) -> Result<Body, serde_json::Error> {
                match self {
                    $(Kind::$variant => $module::$variant::deserialize(body).map(|body| Body::$variant(Box::new(body))),)+
                }
            }

            pub(crate) fn body_schema(self, generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                match self { $(Kind::$variant => $module::$variant::json_schema(generator),)+ }
            }
        }
    };
}

kinds! {
    Package package,
    Object object,
    OptionSet option_set,
    Sequence sequence,
    Form form,
    View view,
    Workflow workflow,
    Role role,
    SharingRule sharing_rule,
    RestrictionRule restriction_rule,
    Seed seed,
    Translation translation,
    Scenario scenario,
}

impl Kind {
    /// The folder of a package that holds documents of this kind; the package document stands beside the folders.
    pub fn folder(self) -> &'static str {
        match self {
            Kind::Package => "packages",
            Kind::Object => "objects",
            Kind::OptionSet => "option_sets",
            Kind::Sequence => "sequences",
            Kind::Form => "forms",
            Kind::View => "views",
            Kind::Workflow => "workflows",
            Kind::Role => "roles",
            Kind::SharingRule => "sharing_rules",
            Kind::RestrictionRule => "restriction_rules",
            Kind::Seed => "seeds",
            Kind::Translation => "translations",
            Kind::Scenario => "scenarios",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// What every document begins with.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    #[serde(default, rename = "$schema")]
    #[expect(dead_code, reason = "for editors")]
    schema: Option<String>,
    /// A note to other authors; ignored.
    #[serde(default, rename = "$comment")]
    #[expect(dead_code, reason = "for people")]
    comment: Option<String>,
    #[expect(dead_code, reason = "read before the header is")]
    kind: String,
    /// Immutable identity; defaults to the first name. Keep it when renaming.
    #[serde(default)]
    id: Option<Identifier>,
    name: Identifier,
    #[serde(default)]
    label: Label,
}

/// Keys of [`Header`]; a test keeps the list complete.
pub(crate) const HEADER_KEYS: &[&str] = &["$schema", "$comment", "kind", "id", "name", "label"];

/// One document as written.
#[derive(Clone, Debug)]
pub struct Document {
    pub id: Identifier,
    pub name: Identifier,
    pub label: Label,
    pub body: Body,
    /// File of the package folder, or `documents[3]`.
    pub file: String,
    pub layer: Layer,
    /// The package it belongs to; none where it is the tenant's own.
    pub package: Option<Identifier>,
    json: Value,
    source: Option<std::sync::Arc<Source>>,
}

impl Document {
    /// The document in `json`, which must already satisfy its kind's schema.
    fn from_valid_json(
        kind: Kind,
        json: Value,
        file: String,
        source: Option<std::sync::Arc<Source>>,
    ) -> Result<Self, serde_json::Error> {
        let Value::Object(map) = &json else {
            return Err(serde_json::Error::custom("a document is a JSON object"));
        };
        let (header, body): (Map<_, _>, Map<_, _>) =
            map.clone().into_iter().partition(|(key, _)| HEADER_KEYS.contains(&key.as_str()));
        let header = Header::deserialize(Value::Object(header))?;
        let body = kind.parse_body(Value::Object(body))?;
        let id = header.id.unwrap_or_else(|| header.name.clone());
        Ok(Self {
            id,
            name: header.name,
            label: header.label,
            body,
            file,
            layer: Layer::Tenant,
            package: None,
            json,
            source,
        })
    }

    pub fn kind(&self) -> Kind {
        self.body.kind()
    }

    /// The document exactly as it was given: for storage and for the author to read back.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// A finding at the value `pointer` names.
    pub fn finding(&self, severity: Severity, code: &'static str, pointer: &str, message: String) -> Diagnostic {
        let position = self.source.as_ref().map_or(Position::default(), |source| source.position(pointer));
        self.diagnostic(severity, code, pointer, message, position)
    }

    /// A finding at the key that introduces `pointer`.
    pub fn key_finding(&self, severity: Severity, code: &'static str, pointer: &str, message: String) -> Diagnostic {
        let position = self.source.as_ref().map_or(Position::default(), |source| source.key_position(pointer));
        self.diagnostic(severity, code, pointer, message, position)
    }

    fn diagnostic(
        &self,
        severity: Severity,
        code: &'static str,
        pointer: &str,
        message: String,
        position: Position,
    ) -> Diagnostic {
        Diagnostic {
            code,
            severity,
            file: self.file.clone(),
            line: position.line,
            column: position.column,
            pointer: pointer.to_owned(),
            message,
            help: None,
        }
    }
}

impl Body {
    pub fn kind(&self) -> Kind {
        match self {
            Body::Package(_) => Kind::Package,
            Body::Object(_) => Kind::Object,
            Body::OptionSet(_) => Kind::OptionSet,
            Body::Sequence(_) => Kind::Sequence,
            Body::Form(_) => Kind::Form,
            Body::View(_) => Kind::View,
            Body::Workflow(_) => Kind::Workflow,
            Body::Role(_) => Kind::Role,
            Body::SharingRule(_) => Kind::SharingRule,
            Body::RestrictionRule(_) => Kind::RestrictionRule,
            Body::Seed(_) => Kind::Seed,
            Body::Translation(_) => Kind::Translation,
            Body::Scenario(_) => Kind::Scenario,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_keys_are_the_structs() {
        let schema = Header::json_schema(&mut schemars::SchemaGenerator::default());
        let keys: Vec<_> = schema.get("properties").and_then(Value::as_object).unwrap().keys().cloned().collect();
        assert_eq!(keys, HEADER_KEYS);
    }
}
