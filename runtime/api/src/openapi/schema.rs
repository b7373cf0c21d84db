//! Schemas: each object as it is read, created, updated and nested, and the fixed bodies.

use serde_json::{Map, Value as Json, json};
use trellis_metadata::column::{ColumnKind, DECIMAL_PRECISION};
use trellis_metadata::field_type::{address, barcode};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{
    DecimalRule, Field, FieldKind, Object, OptionSet, Symbology, TextRule, Verb, system_field,
};

use super::{View, reference};

/// Schemas every document has.
pub fn shared() -> Map<String, Json> {
    let Json::Object(shared) = json!({
        "Problem": {
            "type": "object",
            "description": "RFC 9457, with the members PostgREST clients read.",
            "required": ["type", "title", "status", "detail", "instance", "code", "errors", "trace_id", "message"],
            "properties": {
                "type": { "type": "string", "format": "uri-reference" },
                "title": { "type": "string" },
                "status": { "type": "integer" },
                "detail": { "type": "string" },
                "instance": { "type": "string" },
                "code": { "type": "string" },
                "errors": { "type": "array", "items": reference("schemas", "Finding") },
                "trace_id": { "type": "string" },
                "message": { "type": "string" },
                "details": { "type": ["string", "null"] },
                "hint": { "type": ["string", "null"] },
                "current": { "type": "object", "description": "Of 412: the record as you may read it now." },
            },
        },
        "Finding": {
            "type": "object",
            "required": ["pointer", "code", "message", "params"],
            "properties": {
                "pointer": { "type": "string", "description": "JSON Pointer into the body, or `?parameter`." },
                "code": { "type": "string" },
                "message": { "type": "string" },
                "params": { "type": "object", "additionalProperties": { "type": "string" } },
            },
        },
        "Credentials": {
            "type": "object",
            "required": ["tenant", "email", "password"],
            "additionalProperties": false,
            "properties": {
                "tenant": { "type": "string" },
                "email": { "type": "string" },
                "password": { "type": "string", "format": "password" },
            },
        },
        "RefreshToken": {
            "type": "object",
            "required": ["refresh_token"],
            "additionalProperties": false,
            "properties": { "refresh_token": { "type": "string" } },
        },
        "Tokens": {
            "type": "object",
            "required": ["access_token", "refresh_token", "expires_in"],
            "properties": {
                "access_token": { "type": "string" },
                "refresh_token": { "type": "string" },
                "expires_in": { "type": "integer", "description": "Seconds." },
            },
        },
        "Changes": {
            "type": "object",
            "required": ["documents"],
            "additionalProperties": false,
            "properties": {
                "documents": {
                    "type": "array",
                    "description": "Merged over the current revision.",
                    "items": { "type": "object" },
                },
                "files": {
                    "type": "array",
                    "description": "The file of each document, as of a folder of packages.",
                    "items": { "type": "string" },
                },
                "prune": {
                    "type": "boolean",
                    "description": "Remove what is missing of the packages whose package document is among them.",
                },
                "remove": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["kind", "id"],
                        "additionalProperties": false,
                        "properties": { "kind": { "type": "string" }, "id": { "type": "string" } },
                    },
                },
                "hash": { "type": "string", "description": "Of the plan, where it risks anything." },
                "message": { "type": "string" },
            },
        },
        "Plan": {
            "type": "object",
            "properties": {
                "diagnostics": { "type": "array", "items": reference("schemas", "Diagnostic") },
                "steps": { "type": "array", "items": {} },
                "verdicts": { "type": "array", "items": {} },
                "hash": { "type": "string" },
                "revision": { "type": "integer" },
            },
        },
        "Diagnostic": {
            "type": "object",
            "required": ["code", "severity", "file", "line", "column", "pointer", "message"],
            "properties": {
                "code": { "type": "string" },
                "severity": { "enum": ["error", "warning"] },
                "file": { "type": "string" },
                "line": { "type": "integer" },
                "column": { "type": "integer" },
                "pointer": { "type": "string" },
                "message": { "type": "string" },
                "help": { "type": "string" },
            },
        },
    }) else {
        return Map::new();
    };
    shared
}

/// `loan`, `loan.create`, `loan.update` and, for children, `loan_line.nested`, as far as the caller may use them.
pub fn add_object(view: &View<'_>, object: &Object, schemas: &mut Map<String, Json>) {
    if view.may(object, Verb::Read) {
        schemas.insert(object.name.to_string(), read(view, object));
    }
    if view.may(object, Verb::Create) {
        schemas.insert(format!("{}.create", object.name), create(view, object));
    }
    if view.may(object, Verb::Update) {
        schemas.insert(format!("{}.update", object.name), update(view, object));
    }
    if object.master.is_some() && can_nest(view, object) {
        schemas.insert(format!("{}.nested", object.name), nested(view, object));
    }
}

fn can_nest(view: &View<'_>, object: &Object) -> bool {
    [Verb::Create, Verb::Update, Verb::Delete].into_iter().any(|verb| view.may(object, verb))
}

/// Everything may be null: a cell the caller may not see in a row is null there.
fn read(view: &View<'_>, object: &Object) -> Json {
    let fields = object.fields.iter().filter(|field| view.rights.covers(object.index, field.index, Verb::Read));
    let properties: Map<String, Json> = fields.map(|field| (field.name.to_string(), read_field(field))).collect();
    json!({
        "type": "object",
        "title": object.label(Locale::En),
        "description": "As `select=*` shows it; `select` may leave members out, rename them and embed related records.",
        "properties": properties,
    })
}

fn read_field(field: &Field) -> Json {
    let schema = value(field, Limits::Off);
    let is_never_null = matches!(field.index, system_field::ID | system_field::VERSION);
    describe(field, if is_never_null { schema } else { nullable(schema) })
}

fn create(view: &View<'_>, object: &Object) -> Json {
    let mut properties = writable(view, object, Verb::Create);
    properties.insert("id".to_owned(), json!({ "type": "string", "format": "uuid", "description": "Chosen by you." }));
    let required = object.fields.iter().filter(|field| properties.contains_key(field.name.as_str()) && demands(field));
    let required: Vec<&str> = required.map(|field| field.name.as_str()).collect();
    add_collections(view, object, &mut properties);
    let example = example(object, &properties);
    let mut schema = closed(properties);
    if let Some(example) = example {
        schema["examples"] = json!([example]);
    }
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn update(view: &View<'_>, object: &Object) -> Json {
    let mut properties = writable(view, object, Verb::Update);
    add_collections(view, object, &mut properties);
    closed(properties)
}

/// A child inside its master record.
fn nested(view: &View<'_>, object: &Object) -> Json {
    let mut properties = writable(view, object, Verb::Update);
    properties.extend(writable(view, object, Verb::Create));
    if let Some(master) = object.master {
        properties.shift_remove(object.field(master).name.as_str());
    }
    let id = "Of the child to update; absent for a new one.";
    properties.insert("id".to_owned(), json!({ "type": "string", "format": "uuid", "description": id }));
    properties.insert("_delete".to_owned(), json!({ "type": "boolean", "description": "Takes the child away." }));
    closed(properties)
}

fn writable(view: &View<'_>, object: &Object, verb: Verb) -> Map<String, Json> {
    let covers = |field: &Field, verb| view.rights.covers(object.index, field.index, verb);
    let is_open = |field: &&Field| (field.writable() && covers(field, verb)) || covers(field, Verb::Transfer);
    let fields = object.fields.iter().filter(is_open);
    fields.map(|field| (field.name.to_string(), write_field(field))).collect()
}

fn write_field(field: &Field) -> Json {
    let schema = value(field, Limits::On);
    describe(field, if field.required { schema } else { nullable(schema) })
}

/// A create body of the required fields; `None` where one of them cannot be made up.
fn example(object: &Object, properties: &Map<String, Json>) -> Option<Json> {
    let fields = object.fields.iter().filter(|field| properties.contains_key(field.name.as_str()) && demands(field));
    fields
        .map(|field| sample(field).map(|value| (field.name.to_string(), value)))
        .collect::<Option<Map<_, _>>>()
        .map(Json::Object)
}

fn sample(field: &Field) -> Option<Json> {
    let value = match (&field.kind, field.column) {
        (FieldKind::Choice(options), _) => json!(codes(options).first()?),
        (FieldKind::Text(rule), _) if rule.pattern.is_some() || rule.max_length.is_some_and(|max| max < 10) => {
            return None;
        }
        (FieldKind::Text(_) | FieldKind::LongText(_) | FieldKind::Markdown(_), _) => json!("Example"),
        (FieldKind::RichText(_), _) => json!("<p>Example</p>"),
        (FieldKind::Rating { max }, _) => json!(max),
        (FieldKind::Duration, _) => json!("PT1H30M"),
        (FieldKind::Tags(_), _) => json!(["example"]),
        (FieldKind::Address, _) => json!({ "country": "CN", "city": "上海" }),
        (FieldKind::Color, _) => json!("#2255cc"),
        (FieldKind::Barcode(symbology), _) => json!(sample_code(*symbology)),
        (FieldKind::Integer { min, .. }, _) => json!(min.unwrap_or(1)),
        (FieldKind::Decimal(rule) | FieldKind::Money(rule) | FieldKind::Percent(rule), _) => {
            let mut number = rule.min.unwrap_or_default();
            number.rescale(u32::from(rule.scale));
            json!(number.to_string())
        }
        (_, ColumnKind::Boolean) => json!(true),
        (_, ColumnKind::Date) => json!("2026-03-01"),
        (_, ColumnKind::DateTime) => json!("2026-03-01T08:00:00Z"),
        (_, ColumnKind::Time) => json!("08:30:00"),
        (_, ColumnKind::Id) => json!("0197e9c8-a1b2-7c3d-8e4f-5a6b7c8d9e0f"),
        _ => return None,
    };
    Some(value)
}

fn sample_code(symbology: Symbology) -> &'static str {
    match symbology {
        Symbology::Any | Symbology::Ean13 => "4006381333931",
        Symbology::Ean8 => "73513537",
        Symbology::UpcA => "036000291452",
        Symbology::Code128 => "LOT-42",
        Symbology::Qr => "https://example.com/lot/42",
    }
}

fn demands(field: &Field) -> bool {
    field.required && field.default.is_none()
}

fn add_collections(view: &View<'_>, object: &Object, properties: &mut Map<String, Json>) {
    for collection in object.collections.iter().filter(|collection| collection.master_detail) {
        let child = view.snapshot.object(collection.object);
        if can_nest(view, child) {
            let items = reference("schemas", &format!("{}.nested", child.name));
            properties
                .insert(collection.name.to_string(), json!({ "type": "array", "maxItems": 1000, "items": items }));
        }
    }
}

fn closed(properties: Map<String, Json>) -> Json {
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn describe(field: &Field, mut schema: Json) -> Json {
    schema["title"] = field.label(Locale::En).into();
    if let Some(help) = field.help.get(Locale::En) {
        schema["description"] = help.into();
    }
    if !field.writable() {
        schema["readOnly"] = true.into();
    }
    schema
}

fn nullable(mut schema: Json) -> Json {
    if let Some(kind) = schema.get("type").and_then(Json::as_str).map(str::to_owned) {
        schema["type"] = json!([kind, "null"]);
    } else if let Some(Json::Array(kinds)) = schema.get_mut("type") {
        kinds.push("null".into());
    }
    if let Some(Json::Array(codes)) = schema.get_mut("enum") {
        codes.push(Json::Null);
    }
    schema
}

/// Are the field's own limits part of the schema: yes for what is written, no for what was stored earlier.
#[derive(Clone, Copy, PartialEq)]
enum Limits {
    On,
    Off,
}

fn value(field: &Field, limits: Limits) -> Json {
    match &field.kind {
        FieldKind::Text(rule)
        | FieldKind::LongText(rule)
        | FieldKind::RichText(rule)
        | FieldKind::Markdown(rule)
        | FieldKind::Region(rule)
            if limits == Limits::On =>
        {
            format(text(rule), &field.kind)
        }
        FieldKind::RichText(_) | FieldKind::Markdown(_) => format(json!({ "type": "string" }), &field.kind),
        FieldKind::Barcode(symbology) if limits == Limits::On => code(*symbology),
        FieldKind::Color if limits == Limits::On => json!({ "type": "string", "pattern": "^#[0-9a-fA-F]{6}$" }),
        FieldKind::Color => json!({ "type": "string", "pattern": "^#[0-9a-f]{6}$" }),
        FieldKind::Rating { max } if limits == Limits::On => integer(Some(0), Some(i64::from(*max))),
        FieldKind::Duration if limits == Limits::On => json!({
            "type": ["string", "integer"],
            "description": "`PT1H30M`, `1:30` (hours and minutes), `90m`, or a number of seconds.",
        }),
        FieldKind::Tags(rule) if limits == Limits::On => {
            let tag = json!({ "type": "string", "minLength": 1, "maxLength": rule.max_length });
            json!({ "type": "array", "maxItems": rule.max_count, "items": tag })
        }
        FieldKind::Tags(_) => json!({ "type": "array", "uniqueItems": true, "items": { "type": "string" } }),
        FieldKind::Address => address_parts(),
        FieldKind::Email => json!({ "type": "string", "format": "email" }),
        FieldKind::Url => json!({ "type": "string", "format": "uri" }),
        FieldKind::Integer { min, max } if limits == Limits::On => integer(*min, *max),
        FieldKind::Decimal(rule) | FieldKind::Money(rule) | FieldKind::Percent(rule) if limits == Limits::On => {
            decimal_input(rule)
        }
        FieldKind::Choice(options) => json!({ "type": "string", "enum": codes(options) }),
        FieldKind::MultiChoice(options) => {
            json!({ "type": "array", "uniqueItems": true, "items": { "type": "string", "enum": codes(options) } })
        }
        FieldKind::Geolocation => json!({
            "type": "object",
            "required": ["lat", "lng"],
            "properties": { "lat": { "type": ["number", "string"] }, "lng": { "type": ["number", "string"] } },
        }),
        _ => by_column(field.column),
    }
}

fn by_column(column: ColumnKind) -> Json {
    match column {
        ColumnKind::Text => json!({ "type": "string" }),
        ColumnKind::Integer => integer(None, None),
        ColumnKind::Decimal { scale } => {
            json!({ "type": "string", "format": "decimal", "pattern": decimal_pattern(scale) })
        }
        ColumnKind::Boolean => json!({ "type": "boolean" }),
        ColumnKind::Date => json!({ "type": "string", "format": "date" }),
        ColumnKind::DateTime => json!({ "type": "string", "format": "date-time" }),
        ColumnKind::Time => json!({ "type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?$" }),
        ColumnKind::Duration => json!({ "type": "string", "format": "duration" }),
        ColumnKind::Id => json!({ "type": "string", "format": "uuid" }),
        ColumnKind::Json => json!({}),
    }
}

fn text(rule: &TextRule) -> Json {
    let mut schema = json!({ "type": "string" });
    if let Some(length) = rule.max_length {
        schema["maxLength"] = length.into();
    }
    if let Some(pattern) = &rule.pattern {
        schema["pattern"] = format!("^(?:{})$", pattern.source).into();
    }
    schema
}

/// What the text is written in, as a media type.
fn format(mut schema: Json, kind: &FieldKind) -> Json {
    match kind {
        FieldKind::RichText(_) => {
            schema["contentMediaType"] = "text/html".into();
            schema["description"] = "Cleaned when written: what is not harmless is left out.".into();
        }
        FieldKind::Markdown(_) => schema["contentMediaType"] = "text/markdown".into(),
        _ => {}
    }
    schema
}

fn code(symbology: Symbology) -> Json {
    let length = barcode::max_length(symbology);
    if barcode::is_numeric(symbology) {
        return json!({
            "type": "string",
            "pattern": format!("^[0-9]{{{length}}}$"),
            "description": "The last digit is the check digit.",
        });
    }
    json!({ "type": "string", "minLength": 1, "maxLength": length })
}

fn address_parts() -> Json {
    let part = json!({ "type": "string", "minLength": 1, "maxLength": address::MAX_PART });
    let parts: Map<String, Json> = address::PARTS.iter().map(|name| ((*name).to_owned(), part.clone())).collect();
    json!({ "type": "object", "minProperties": 1, "additionalProperties": false, "properties": parts })
}

fn integer(min: Option<i64>, max: Option<i64>) -> Json {
    let mut schema = json!({ "type": "integer", "format": "int64" });
    if let Some(min) = min {
        schema["minimum"] = min.into();
    }
    if let Some(max) = max {
        schema["maximum"] = max.into();
    }
    schema
}

/// A string of digits is exact; a JSON number is taken digit by digit too.
fn decimal_input(rule: &DecimalRule) -> Json {
    let bound = |word: &str, limit: &Option<rust_decimal::Decimal>| limit.map(|limit| format!("{word} {limit}"));
    let bounds: Vec<String> = bound("At least", &rule.min).into_iter().chain(bound("At most", &rule.max)).collect();
    let mut schema =
        json!({ "type": ["string", "number"], "format": "decimal", "pattern": decimal_pattern(rule.scale) });
    if !bounds.is_empty() {
        schema["description"] = bounds.join("; ").into();
    }
    schema
}

fn decimal_pattern(scale: u8) -> String {
    let whole = DECIMAL_PRECISION - scale;
    if scale == 0 {
        format!("^-?[0-9]{{1,{whole}}}$")
    } else {
        format!("^-?[0-9]{{1,{whole}}}(\\.[0-9]{{1,{scale}}})?$")
    }
}

fn codes(options: &OptionSet) -> Vec<&str> {
    options.options.iter().map(|option| &*option.code).collect()
}
