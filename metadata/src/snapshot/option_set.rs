//! The options of choices.

use std::sync::Arc;

use crate::label::Label;

#[derive(Clone, Debug)]
pub struct OptionSet {
    pub options: Vec<ChoiceOption>,
}

#[derive(Clone, Debug)]
pub struct ChoiceOption {
    pub code: Arc<str>,
    pub label: Label,
    pub color: Option<String>,
    pub active: bool,
}

impl OptionSet {
    pub fn get(&self, code: &str) -> Option<&ChoiceOption> {
        self.options.iter().find(|option| &*option.code == code)
    }
}
