//! The few colours of the stylesheet that metadata may choose from.
//!
//! A tenant's colour word is mapped to a tone with checked contrast in light and dark; free colours would need inline
//! style, which the content policy forbids.

use serde::Serialize;
use trellis_metadata::snapshot::ChoiceOption;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    #[default]
    Neutral,
    Info,
    Success,
    Warning,
    Danger,
    Violet,
    Teal,
    Pink,
}

impl Tone {
    /// The tone of a colour word such as `danger` or `green`.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "neutral" | "gray" | "grey" | "muted" | "default" => Tone::Neutral,
            "info" | "blue" | "primary" | "accent" => Tone::Info,
            "success" | "green" => Tone::Success,
            "warning" | "orange" | "yellow" | "amber" => Tone::Warning,
            "danger" | "red" | "error" => Tone::Danger,
            "violet" | "purple" | "indigo" => Tone::Violet,
            "teal" | "cyan" => Tone::Teal,
            "pink" | "magenta" => Tone::Pink,
            _ => return None,
        })
    }
}

/// The option's own colour, else one that its code suggests, so that an undecorated status still reads well.
pub fn option_tone(option: &ChoiceOption) -> Tone {
    if let Some(tone) = option.color.as_deref().and_then(Tone::from_word) {
        return tone;
    }
    match &*option.code {
        "active" | "approved" | "done" | "paid" | "completed" | "delivered" | "returned" | "confirmed" | "open" => {
            Tone::Success
        }
        "submitted" | "pending" | "waiting" | "in_review" => Tone::Warning,
        "rejected" | "cancelled" | "canceled" | "failed" | "blocked" | "overdue" => Tone::Danger,
        "lent" | "in_progress" | "shipped" | "running" | "allocated" | "picked" => Tone::Info,
        _ => Tone::Neutral,
    }
}

/// A tone that stays the same for one name: the tiles of the home page.
pub fn name_tone(name: &str) -> Tone {
    const TONES: [Tone; 6] = [Tone::Info, Tone::Success, Tone::Warning, Tone::Violet, Tone::Teal, Tone::Pink];
    let sum = name.bytes().fold(7_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    TONES[sum % TONES.len()]
}
