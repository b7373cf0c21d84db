//! The form control of a field, by the name templates use for it.

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    Text,
    TextArea,
    Email,
    Phone,
    Url,
    Number,
    Decimal,
    Percent,
    Checkbox,
    Date,
    DateTime,
    Time,
    Select,
    MultiSelect,
    /// A record picker.
    Lookup,
    /// A person picker.
    User,
    Json,
    Geolocation,
    /// HTML source.
    RichText,
    Markdown,
    Duration,
    /// Words, comma between them.
    Tags,
    /// A unit picker.
    OrgUnit,
    /// One input for each part.
    Address,
    Barcode,
    Color,
    /// One radio button for each number.
    Rating,
    File,
    /// A picture, taken or chosen.
    Image,
    /// A place to draw in.
    Signature,
    ReadOnly,
}

impl Control {
    pub fn name(self) -> &'static str {
        match self {
            Control::Text => "text",
            Control::TextArea => "text_area",
            Control::Email => "email",
            Control::Phone => "phone",
            Control::Url => "url",
            Control::Number => "number",
            Control::Decimal => "decimal",
            Control::Percent => "percent",
            Control::Checkbox => "checkbox",
            Control::Date => "date",
            Control::DateTime => "date_time",
            Control::Time => "time",
            Control::Select => "select",
            Control::MultiSelect => "multi_select",
            Control::Lookup => "lookup",
            Control::User => "user",
            Control::Json => "json",
            Control::Geolocation => "geolocation",
            Control::RichText => "rich_text",
            Control::Markdown => "markdown",
            Control::Duration => "duration",
            Control::Tags => "tags",
            Control::OrgUnit => "org_unit",
            Control::Address => "address",
            Control::Barcode => "barcode",
            Control::Color => "color",
            Control::Rating => "rating",
            Control::File => "file",
            Control::Image => "image",
            Control::Signature => "signature",
            Control::ReadOnly => "read_only",
        }
    }
}
