//! One operation, put together the same way everywhere.

use serde_json::{Value as Json, json};

use super::response;

pub struct Operation<'a> {
    pub id: String,
    pub tag: &'a str,
    pub summary: String,
    pub parameters: Vec<Json>,
    pub body: Option<Json>,
    /// What the body is written in.
    pub media: &'a str,
    pub successes: Vec<(&'a str, Json)>,
    pub problems: &'a [&'a str],
    /// Answered without a token.
    pub is_open: bool,
}

impl Operation<'_> {
    pub fn into_json(self) -> Json {
        let mut operation = json!({ "operationId": self.id, "tags": [self.tag], "summary": self.summary });
        if self.is_open {
            operation["security"] = json!([]);
        }
        if !self.parameters.is_empty() {
            operation["parameters"] = self.parameters.into();
        }
        if let Some(schema) = self.body {
            operation["requestBody"] = json!({ "required": true, "content": { self.media: schema } });
        }
        operation["responses"] = response::responses(self.successes, self.problems);
        operation
    }
}
