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
    /// The tone of a colour as documents write it: `danger`, or the nearest to `#2255cc`.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "neutral" => Tone::Neutral,
            "info" => Tone::Info,
            "success" => Tone::Success,
            "warning" => Tone::Warning,
            "danger" => Tone::Danger,
            _ => return word.strip_prefix('#').and_then(Self::nearest),
        })
    }

    /// By hue; what is nearly grey is neutral.
    fn nearest(hex: &str) -> Option<Self> {
        let number = u32::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 6 && !hex.starts_with('+'))?;
        let [_, red, green, blue] = number.to_be_bytes().map(i32::from);
        let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
        let spread = most - least;
        if spread < 24 {
            return Some(Tone::Neutral);
        }
        let hue = if most == red {
            60 * (green - blue) / spread
        } else if most == green {
            120 + 60 * (blue - red) / spread
        } else {
            240 + 60 * (red - green) / spread
        };
        Some(match hue.rem_euclid(360) {
            0..=19 | 345.. => Tone::Danger,
            20..=65 => Tone::Warning,
            66..=160 => Tone::Success,
            161..=195 => Tone::Teal,
            196..=245 => Tone::Info,
            246..=290 => Tone::Violet,
            _ => Tone::Pink,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_the_nearest_tone() {
        for (word, expected) in [
            ("danger", Some(Tone::Danger)),
            ("#c0392b", Some(Tone::Danger)),
            ("#F1C40F", Some(Tone::Warning)),
            ("#27ae60", Some(Tone::Success)),
            ("#2255cc", Some(Tone::Info)),
            ("#8e44ad", Some(Tone::Violet)),
            ("#ff66aa", Some(Tone::Pink)),
            ("#888888", Some(Tone::Neutral)),
            ("#12", None),
            ("#+12345", None),
            ("chartreuse", None),
        ] {
            assert_eq!(Tone::from_word(word), expected, "{word}");
        }
    }
}
