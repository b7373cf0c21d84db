//! OpenAPI 3.1 of what one caller may do in one tenant.
//!
//! Objects, fields, operations and relations the caller has no right to do not appear, so the document tells no more
//! than the API answers.

mod batch;
mod fixed;
mod lifecycle;
mod operation;
mod parameter;
mod record;
mod response;
mod schema;
mod transfer;

use serde_json::{Map, Value as Json, json};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{Object, Snapshot, Verb};

use crate::Rights;

/// The document as JSON text.
pub fn document(snapshot: &Snapshot, rights: &dyn Rights, tenant: &str) -> Vec<u8> {
    let view = View { snapshot, rights, tenant };
    let mut paths = Map::new();
    let mut schemas = schema::shared();
    let mut parameters = parameter::shared();
    lifecycle::add_schemas(&mut schemas);
    transfer::add_schemas(&mut schemas);
    transfer::add_parameters(&mut parameters);
    let mut tags = fixed::tags();
    fixed::add_paths(&view, &mut paths);
    if view.writes() {
        batch::add_path(&format!("/t/{tenant}/api/v1"), &mut paths);
        batch::add_schemas(&mut schemas);
    }
    for object in view.objects() {
        tags.push(json!({ "name": object.name, "description": object.label(Locale::En) }));
        parameter::add_filters(&view, object, &mut parameters);
        schema::add_object(&view, object, &mut schemas);
        record::add_paths(&view, object, &mut paths);
        lifecycle::add_paths(&view, object, &mut paths);
        transfer::add_paths(&view, object, &mut paths);
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("Trellis: {tenant}"),
            "version": snapshot.revision.to_string(),
            "summary": "Records and metadata of one tenant, as one caller may use them.",
            "description": "Decimals and money are strings, so that no reader rounds them; instants are RFC 3339 in \
                            UTC; choices are written by code. The query grammar is PostgREST's.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "bearer": [] }],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "From `POST /auth/v1/token`." },
            },
            "parameters": parameters,
            "headers": response::headers(),
            "responses": response::problems(),
            "schemas": schemas,
        },
    });
    document.to_string().into_bytes()
}

/// The schemas of all records alone: what is read, created, updated and nested.
pub(crate) fn record_schemas(snapshot: &Snapshot, rights: &dyn Rights, tenant: &str) -> Map<String, Json> {
    let view = View { snapshot, rights, tenant };
    let mut schemas = Map::new();
    view.objects().for_each(|object| schema::add_object(&view, object, &mut schemas));
    schemas
}

/// A tenant as one caller sees it.
struct View<'a> {
    snapshot: &'a Snapshot,
    rights: &'a dyn Rights,
    tenant: &'a str,
}

impl<'a> View<'a> {
    /// Objects the caller may do anything at all with over the record API.
    fn objects(&self) -> impl Iterator<Item = &'a Object> {
        let verbs = [Verb::Read, Verb::Create, Verb::Update, Verb::Delete];
        let rights = self.rights;
        self.snapshot.objects.iter().filter(move |object| verbs.iter().any(|verb| rights.may(object.index, *verb)))
    }

    /// May the caller change anything at all.
    fn writes(&self) -> bool {
        let verbs = [Verb::Create, Verb::Update, Verb::Delete];
        self.snapshot.objects.iter().any(|object| verbs.iter().any(|verb| self.may(object, *verb)))
    }

    fn may(&self, object: &Object, verb: Verb) -> bool {
        self.rights.may(object.index, verb)
    }
}

fn reference(kind: &str, name: &str) -> Json {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}
