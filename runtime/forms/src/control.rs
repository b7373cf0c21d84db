//! One field as a form control: which control, what it holds, what is wrong with it.
//!
//! The kind of a field alone decides its control; each control has one partial, `control_<kind>`. Raw text of a
//! refused form goes before the stored value.

use std::collections::HashMap;

use serde::Serialize;
use trellis_metadata::field_type::{address, barcode};
use trellis_metadata::snapshot::{DefaultValue, Field, FieldKind, FileRule, ObjectIndex, OptionSet};
use trellis_metadata::value::Value;
use uuid::Uuid;

use crate::attachment::{self, FileControl};
use crate::catalogue::Message;
use crate::format::{Labels, Shown, codes_of};
use crate::input::{FormInput, control_id, part_name};
use crate::site::Site;
use crate::written::written;

/// Options up to this many are shown at once instead of in a list to open.
const RADIOS_MAX: usize = 3;

/// Records offered for a lookup.
#[derive(Clone, Debug, Default)]
pub struct LookupOptions {
    pub options: Vec<(Uuid, String)>,
    /// These are all there are: a plain list will do. Else the record is found by typing.
    pub complete: bool,
}

pub type Lookups = HashMap<ObjectIndex, LookupOptions>;

#[derive(Clone, Debug, Serialize)]
pub struct Control {
    /// Name of the partial.
    pub partial: &'static str,
    pub name: String,
    pub id: String,
    pub label: String,
    pub hint: Option<String>,
    pub error: Option<String>,
    /// Ids of hint and error.
    pub described_by: Option<String>,
    pub required: bool,
    /// Inside a line-item grid: the label is for screen readers and phones.
    pub compact: bool,
    /// Takes the whole row of its section.
    pub wide: bool,
    pub value: String,
    pub checked: bool,
    pub input: InputAttributes,
    pub options: Vec<ControlOption>,
    /// Inputs of a value that has several, such as an address.
    pub parts: Vec<ControlPart>,
    pub lookup: Option<LookupControl>,
    pub file: Option<FileControl>,
    /// For read-only controls.
    pub shown: Shown,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct InputAttributes {
    pub r#type: &'static str,
    pub inputmode: Option<&'static str>,
    pub autocomplete: Option<&'static str>,
    pub max_length: Option<u32>,
    pub suffix: Option<&'static str>,
    /// `s`, `m`, `l` or nothing: a hint of the expected length.
    pub size: &'static str,
    /// Aligned at the end.
    pub numeric: bool,
    /// Digits after the point, for the totals of the enhancer.
    pub scale: Option<String>,
    pub rows: &'static str,
    pub spellcheck_off: bool,
    pub geolocation: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct ControlOption {
    pub id: String,
    pub value: String,
    pub label: String,
    pub selected: bool,
}

/// One input of several.
#[derive(Clone, Debug, Serialize)]
pub struct ControlPart {
    pub id: String,
    pub name: String,
    pub label: String,
    pub autocomplete: &'static str,
    pub value: String,
    pub max_length: String,
}

/// In the order of [`address::PARTS`]: the label and what browsers fill in by themselves.
const ADDRESS_LABELS: [(Message, &str); 6] = [
    (Message::AddressCountry, "country-name"),
    (Message::AddressRegion, "address-level1"),
    (Message::AddressCity, "address-level2"),
    (Message::AddressDistrict, "address-level3"),
    (Message::AddressStreet, "street-address"),
    (Message::AddressPostalCode, "postal-code"),
];

/// Finding a record by typing.
#[derive(Clone, Debug, Serialize)]
pub struct LookupControl {
    pub list_id: String,
    pub id_name: String,
    pub was_name: String,
    /// The chosen record, empty when none.
    pub id: String,
    /// The text that stands for it.
    pub was: String,
    /// Address of the record API of the target.
    pub api: String,
    pub label_field: String,
}

/// What a control is built from.
#[derive(Clone, Copy)]
pub struct ControlSource<'a> {
    pub site: &'a Site<'a>,
    pub field: &'a Field,
    pub value: &'a Value,
    pub labels: &'a Labels,
    pub lookups: &'a Lookups,
    pub input: Option<&'a FormInput>,
    pub error: Option<&'a str>,
    pub required: bool,
    /// Number of the row when it is a cell of a grid.
    pub row: Option<&'a str>,
}

impl Control {
    /// A control to fill in.
    pub fn editable(name: String, source: ControlSource) -> Self {
        let mut control = Self::blank(name, source);
        match &source.field.kind {
            FieldKind::LongText(_) | FieldKind::RichText(_) | FieldKind::Markdown(_) | FieldKind::Json => {
                control.become_textarea(source);
            }
            FieldKind::Rating { max } => control.become_rating(source, *max),
            FieldKind::Address => control.become_address(source),
            FieldKind::File(rule) | FieldKind::Image(rule) | FieldKind::Signature(rule) => {
                control.become_file(source, rule);
            }
            FieldKind::Boolean => control.become_checkbox(source),
            FieldKind::Choice(set) => control.become_choice(source, set),
            FieldKind::MultiChoice(set) => control.become_checkboxes(source, set),
            FieldKind::Lookup(relation)
            | FieldKind::MasterDetail(relation)
            | FieldKind::User(relation)
            | FieldKind::OrgUnit(relation) => {
                control.become_lookup(source, relation.target);
            }
            _ => control.become_text(source),
        }
        control.describe();
        control
    }

    /// The value where a control would be, not sent with the form.
    pub fn read_only(name: String, source: ControlSource, shown: Shown) -> Self {
        let mut control = Self::blank(name, source);
        control.partial = "control_readonly";
        control.required = false;
        control.shown = shown;
        control.describe();
        control
    }

    fn blank(name: String, source: ControlSource) -> Self {
        let locale = source.site.locale;
        let label = source.field.label(locale);
        Self {
            partial: "control_text",
            id: control_id(&name),
            name,
            label: match source.row {
                Some(row) => source.site.fill(Message::RowField, &[&label, row]),
                None => label,
            },
            hint: source.field.help.get(locale).filter(|_| source.row.is_none()).map(str::to_owned),
            error: source.error.map(str::to_owned),
            described_by: None,
            required: source.required,
            compact: source.row.is_some(),
            wide: false,
            value: String::new(),
            checked: false,
            input: InputAttributes { r#type: "text", ..InputAttributes::default() },
            options: Vec::new(),
            parts: Vec::new(),
            lookup: None,
            file: None,
            shown: Shown { numeric: crate::format::is_numeric(source.field), ..Shown::default() },
        }
    }

    fn describe(&mut self) {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.id));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id));
        let ids: Vec<String> = hint.into_iter().chain(error).collect();
        self.described_by = (!ids.is_empty()).then(|| ids.join(" "));
    }

    fn raw<'a>(&self, source: ControlSource<'a>) -> Option<&'a str> {
        source.input.and_then(|input| input.get(&self.name))
    }

    fn become_text(&mut self, source: ControlSource) {
        self.input = attributes(&source.field.kind);
        self.value =
            self.raw(source).map_or_else(|| written(source.site.reader(), source.field, source.value), str::to_owned);
        if self.error.is_some() && matches!(self.input.r#type, "date" | "datetime-local" | "time") {
            // A date control would drop what it cannot read.
            self.input.r#type = "text";
        }
        self.explain(source);
    }

    /// Says how the value is written, unless the author already does.
    fn explain(&mut self, source: ControlSource) {
        let message = match &source.field.kind {
            FieldKind::Geolocation => Message::GeolocationHint,
            FieldKind::RichText(_) => Message::RichTextHint,
            FieldKind::Markdown(_) => Message::MarkdownHint,
            FieldKind::Duration => Message::DurationHint,
            FieldKind::Tags(_) => Message::TagsHint,
            FieldKind::Color => Message::ColorHint,
            _ => return,
        };
        if self.hint.is_none() && !self.compact {
            self.hint = Some(source.site.text(message).to_owned());
        }
    }

    fn become_textarea(&mut self, source: ControlSource) {
        let json = matches!(source.field.kind, FieldKind::Json);
        // In a grid too: a control of one line would drop the line ends.
        self.partial = "control_textarea";
        self.wide = true;
        self.input = attributes(&source.field.kind);
        self.input.rows = match (self.compact, json) {
            (true, _) => "1",
            (false, true) => "8",
            (false, false) => "4",
        };
        self.value =
            self.raw(source).map_or_else(|| written(source.site.reader(), source.field, source.value), str::to_owned);
        self.explain(source);
    }

    fn become_file(&mut self, source: ControlSource, rule: &FileRule) {
        self.partial = "control_file";
        let file = FileControl::of(&self.name, source, rule);
        self.value.clone_from(&file.value);
        self.file = Some(file);
        if self.hint.is_none() && !self.compact {
            self.hint = Some(attachment::hint(source, rule));
        }
    }

    fn become_checkbox(&mut self, source: ControlSource) {
        self.partial = "control_checkbox";
        self.required = false;
        self.checked = match self.raw(source) {
            Some(raw) => raw == "true",
            None => source.value.as_bool().unwrap_or(false),
        };
    }

    fn become_choice(&mut self, source: ControlSource, set: &OptionSet) {
        let current = self.raw(source).map_or_else(|| source.value.to_string(), str::to_owned);
        self.options = self.offered(source, set, std::slice::from_ref(&current));
        let shown = self.options.len() + usize::from(!self.required);
        let few = shown <= RADIOS_MAX && !self.compact;
        self.partial = if few { "control_radios" } else { "control_select" };
        if !few || !self.required {
            self.offer_blank(source, set, current.is_empty());
        }
        self.value = current;
    }

    /// What a blank choice means: in a new row of a grid, the default of the field.
    fn offer_blank(&mut self, source: ControlSource, set: &OptionSet, selected: bool) {
        let default = match &source.field.default {
            Some(DefaultValue::Value(Value::Text(code))) if self.compact && source.value.is_null() => set.get(code),
            _ => None,
        };
        if let Some(option) = default {
            let locale = source.site.locale;
            let label = Message::ByDefault.fill(locale, &[&option.label.or_name(locale, &option.code)]);
            let none = ControlOption { id: format!("{}-", self.id), value: String::new(), label, selected };
            self.options.insert(0, none);
        } else {
            let text = if self.required || source.field.required { Message::ChooseOne } else { Message::NoChoice };
            self.offer_nothing(source, text, selected);
        }
    }

    /// One choice for each number; in a grid, where they would not fit, a list to open.
    fn become_rating(&mut self, source: ControlSource, max: u8) {
        let current = self.raw(source).map_or_else(|| source.value.to_string(), str::to_owned);
        self.partial = if self.compact { "control_select" } else { "control_radios" };
        self.options = (0..=max)
            .map(|number| number.to_string())
            .map(|number| ControlOption {
                id: format!("{}-{number}", self.id),
                label: number.clone(),
                selected: number == current,
                value: number,
            })
            .collect();
        if self.compact || !self.required {
            self.offer_nothing(source, Message::NoChoice, current.is_empty());
        }
        self.value = current;
    }

    fn become_address(&mut self, source: ControlSource) {
        self.partial = "control_address";
        self.wide = true;
        let typed = source.input.filter(|input| input.contains(&self.name));
        let stored = |part: &str| match source.value {
            Value::Json(json) => json.get(part).and_then(serde_json::Value::as_str).unwrap_or_default(),
            _ => "",
        };
        self.parts = address::PARTS
            .iter()
            .zip(ADDRESS_LABELS)
            .map(|(part, (label, autocomplete))| {
                let name = part_name(&self.name, part);
                let value = typed.map_or_else(|| stored(part), |input| input.get(&name).unwrap_or_default()).to_owned();
                ControlPart {
                    id: control_id(&name),
                    name,
                    label: source.site.text(label).to_owned(),
                    autocomplete,
                    value,
                    max_length: address::MAX_PART.to_string(),
                }
            })
            .collect();
    }

    fn become_checkboxes(&mut self, source: ControlSource, set: &OptionSet) {
        self.partial = "control_checkboxes";
        let current = match source.input.filter(|input| input.contains(&self.name)) {
            Some(input) => input.all(&self.name).into_iter().map(str::to_owned).collect(),
            None => codes_of(source.value),
        };
        self.options = self.offered(source, set, &current);
    }

    /// Active options, and inactive ones that the record already holds.
    fn offered(&self, source: ControlSource, set: &OptionSet, current: &[String]) -> Vec<ControlOption> {
        let held = |code: &str| current.iter().any(|current| current == code);
        set.options
            .iter()
            .filter(|option| option.active || held(&option.code))
            .map(|option| ControlOption {
                id: format!("{}-{}", self.id, option.code),
                value: option.code.to_string(),
                label: option.label.or_name(source.site.locale, &option.code),
                selected: held(&option.code),
            })
            .collect()
    }

    fn offer_nothing(&mut self, source: ControlSource, text: Message, selected: bool) {
        let label = source.site.text(text).to_owned();
        let none = ControlOption { id: format!("{}-", self.id), value: String::new(), label, selected };
        self.options.insert(0, none);
    }

    fn become_lookup(&mut self, source: ControlSource, target: ObjectIndex) {
        let unknown = LookupOptions::default();
        let offered = source.lookups.get(&target).unwrap_or(&unknown);
        let current = source.value.as_id();
        if offered.complete {
            let chosen = self.raw(source).map_or_else(|| source.value.to_string(), str::to_owned);
            self.partial = "control_select";
            self.options = offered.options.iter().map(|(id, label)| self.record_option(*id, label, &chosen)).collect();
            if let Some(id) = current.filter(|id| !offered.options.iter().any(|(offered, _)| offered == id)) {
                let label = source.labels.get(&id).map_or(source.site.text(Message::Unknown), String::as_str);
                self.options.insert(0, self.record_option(id, label, &chosen));
            }
            let text = if self.required { Message::ChooseOne } else { Message::NoChoice };
            self.offer_nothing(source, text, chosen.is_empty());
            self.value = chosen;
        } else {
            self.become_search(source, target, &offered.options);
        }
    }

    fn record_option(&self, id: Uuid, label: &str, chosen: &str) -> ControlOption {
        let value = id.to_string();
        ControlOption { id: format!("{}-{value}", self.id), selected: value == chosen, value, label: label.to_owned() }
    }

    fn become_search(&mut self, source: ControlSource, target: ObjectIndex, offered: &[(Uuid, String)]) {
        let object = source.site.snapshot.object(target);
        let (id_name, was_name) = (format!("{}._id", self.name), format!("{}._was", self.name));
        let stored = source.value.as_id();
        let unknown = || source.site.text(Message::Unknown).to_owned();
        let stored_label = stored.map(|id| source.labels.get(&id).cloned().unwrap_or_else(unknown)).unwrap_or_default();
        let raw = |name: &str, otherwise: String| {
            source.input.and_then(|input| input.get(name)).map_or(otherwise, str::to_owned)
        };
        self.partial = "control_lookup";
        self.value = raw(&self.name, stored_label.clone());
        self.options = offered.iter().map(|(id, label)| self.record_option(*id, label, "")).collect();
        self.lookup = Some(LookupControl {
            list_id: format!("{}-list", self.id),
            id: raw(&id_name, stored.map(|id| id.to_string()).unwrap_or_default()),
            was: raw(&was_name, stored_label),
            id_name,
            was_name,
            api: source.site.links().api(object),
            label_field: object.field(object.record_name).name.to_string(),
        });
    }
}

fn attributes(kind: &FieldKind) -> InputAttributes {
    let base = InputAttributes { r#type: "text", ..InputAttributes::default() };
    match kind {
        FieldKind::Text(rule) | FieldKind::LongText(rule) => {
            InputAttributes { max_length: rule.max_length, size: text_size(rule.max_length), ..base }
        }
        FieldKind::RichText(rule) => InputAttributes { max_length: rule.max_length, spellcheck_off: true, ..base },
        FieldKind::Markdown(rule) => InputAttributes { max_length: rule.max_length, ..base },
        FieldKind::Region(rule) => {
            InputAttributes { max_length: rule.max_length, size: "m", spellcheck_off: true, ..base }
        }
        FieldKind::Barcode(symbology) => InputAttributes {
            inputmode: barcode::is_numeric(*symbology).then_some("numeric"),
            max_length: Some(barcode::max_length(*symbology)),
            size: text_size(Some(barcode::max_length(*symbology))),
            spellcheck_off: true,
            ..base
        },
        FieldKind::Color => InputAttributes { max_length: Some(7), size: "s", spellcheck_off: true, ..base },
        FieldKind::Duration => InputAttributes { size: "s", ..base },
        FieldKind::Email => InputAttributes { r#type: "email", inputmode: Some("email"), spellcheck_off: true, ..base },
        FieldKind::Phone => InputAttributes { r#type: "tel", inputmode: Some("tel"), size: "m", ..base },
        FieldKind::Url => InputAttributes { inputmode: Some("url"), spellcheck_off: true, ..base },
        FieldKind::Integer { min, .. } => InputAttributes {
            // A pad of digits only has no minus sign.
            inputmode: Some(if min.is_some_and(|min| min >= 0) { "numeric" } else { "text" }),
            size: "s",
            numeric: true,
            scale: Some("0".to_owned()),
            ..base
        },
        FieldKind::Decimal(rule) | FieldKind::Money(rule) => {
            InputAttributes { scale: Some(rule.scale.to_string()), ..decimal_attributes(rule) }
        }
        FieldKind::Percent(rule) => InputAttributes { suffix: Some("%"), ..decimal_attributes(rule) },
        FieldKind::Date => InputAttributes { r#type: "date", size: "m", ..base },
        FieldKind::DateTime => InputAttributes { r#type: "datetime-local", size: "m", ..base },
        FieldKind::Time => InputAttributes { r#type: "time", size: "s", ..base },
        FieldKind::Geolocation => InputAttributes { geolocation: true, size: "l", ..base },
        FieldKind::Json => InputAttributes { spellcheck_off: true, ..base },
        _ => base,
    }
}

fn decimal_attributes(rule: &trellis_metadata::snapshot::DecimalRule) -> InputAttributes {
    let never_negative = rule.min.is_some_and(|min| !min.is_sign_negative());
    InputAttributes {
        r#type: "text",
        inputmode: Some(if never_negative { "decimal" } else { "text" }),
        size: "m",
        numeric: true,
        ..InputAttributes::default()
    }
}

fn text_size(max_length: Option<u32>) -> &'static str {
    match max_length {
        Some(0..=12) => "s",
        Some(13..=30) => "m",
        _ => "",
    }
}
