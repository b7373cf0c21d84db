//! What is wrong with one input, as a code with parameters and as a sentence in the reader's language.

use crate::label::Locale;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Locale::En, "value"))]
pub struct InputError {
    pub code: &'static str,
    pub params: Vec<(&'static str, String)>,
}

impl InputError {
    pub fn new(code: &'static str) -> Self {
        Self { code, params: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    /// `expected` is a key of [`noun`].
    pub fn wrong_type(expected: &'static str) -> Self {
        Self::new("wrong_type").with("expected", expected)
    }

    pub fn bad_format(expected: &'static str) -> Self {
        Self::new("bad_format").with("expected", expected)
    }

    /// A required field without a value.
    pub fn required() -> Self {
        Self::new("required")
    }

    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    /// The sentence to show beside the field.
    pub fn message(&self, locale: Locale, label: &str) -> String {
        let mut text = template(self, locale).replace("{label}", label);
        for (name, value) in &self.params {
            let value = if *name == "expected" { noun(value, locale) } else { value.as_str() };
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }
}

fn pick(locale: Locale, texts: [&'static str; 3]) -> &'static str {
    match locale {
        Locale::En => texts[0],
        Locale::ZhCn => texts[1],
        Locale::ZhTw => texts[2],
    }
}

fn template(error: &InputError, locale: Locale) -> &'static str {
    let texts = match error.code {
        "required" => ["{label} is required.", "{label}不能为空。", "{label}不能為空。"],
        "wrong_type" | "bad_format" => {
            ["{label} must be {expected}.", "{label}必须是{expected}。", "{label}必須是{expected}。"]
        }
        "too_long" => {
            ["{label} may have at most {max} characters.", "{label}最多 {max} 个字符。", "{label}最多 {max} 個字元。"]
        }
        "too_many_items" => {
            ["{label} may have at most {max} entries.", "{label}最多 {max} 项。", "{label}最多 {max} 項。"]
        }
        "out_of_range" if error.param("min").is_some() => {
            ["{label} must be at least {min}.", "{label}不能小于 {min}。", "{label}不能小於 {min}。"]
        }
        "out_of_range" if error.param("max").is_some() => {
            ["{label} must be at most {max}.", "{label}不能大于 {max}。", "{label}不能大於 {max}。"]
        }
        "out_of_range" => ["{label} is out of range.", "{label}超出范围。", "{label}超出範圍。"],
        "not_an_option" => [
            "{label}: `{given}` is not one of the options.",
            "{label}：“{given}”不是可选项。",
            "{label}：「{given}」不是可選項。",
        ],
        "too_many_digits" if error.param("scale").is_some() => [
            "{label} may have at most {scale} digits after the point.",
            "{label}最多保留 {scale} 位小数。",
            "{label}最多保留 {scale} 位小數。",
        ],
        "too_many_digits" => [
            "{label} may have at most {precision} digits.",
            "{label}最多 {precision} 位数字。",
            "{label}最多 {precision} 位數字。",
        ],
        "bad_character" => [
            "{label} contains a character that cannot be stored.",
            "{label}包含无法保存的字符。",
            "{label}包含無法儲存的字元。",
        ],
        "pattern_mismatch" => {
            ["{label} does not have the expected form.", "{label}的格式不符合要求。", "{label}的格式不符合要求。"]
        }
        _ => ["{label} is not valid.", "{label}无效。", "{label}無效。"],
    };
    pick(locale, texts)
}

/// What was expected, as a noun phrase.
fn noun(key: &str, locale: Locale) -> &str {
    let texts = match key {
        "text" => ["text", "文本", "文字"],
        "number" => ["a number", "数字", "數字"],
        "integer" => ["a whole number", "整数", "整數"],
        "boolean" => ["true or false", "是或否", "是或否"],
        "date" => ["a date such as 2026-03-01", "日期，例如 2026-03-01", "日期，例如 2026-03-01"],
        "datetime" => [
            "a date and time with its zone, such as 2026-03-01T08:00:00Z",
            "带时区的日期时间，例如 2026-03-01T08:00:00Z",
            "帶時區的日期時間，例如 2026-03-01T08:00:00Z",
        ],
        "time" => ["a time such as 08:30", "时间，例如 08:30", "時間，例如 08:30"],
        "id" => ["a record id", "记录 ID", "記錄 ID"],
        "codes" => ["a list of option codes", "选项代码列表", "選項代碼列表"],
        "email" => ["an e-mail address", "电子邮件地址", "電子郵件地址"],
        "phone" => ["a phone number", "电话号码", "電話號碼"],
        "url" => [
            "a web address starting with http:// or https://",
            "以 http:// 或 https:// 开头的网址",
            "以 http:// 或 https:// 開頭的網址",
        ],
        "json" => ["JSON", "JSON", "JSON"],
        "geolocation" => [
            "a place such as {\"lat\": 31.2, \"lng\": 121.5}",
            "位置，例如 {\"lat\": 31.2, \"lng\": 121.5}",
            "位置，例如 {\"lat\": 31.2, \"lng\": 121.5}",
        ],
        "rich_text" => ["simpler HTML, with less styling", "更简单的 HTML，样式更少", "更簡單的 HTML，樣式更少"],
        "duration" => [
            "a length of time such as PT1H30M, 1:30 or 90m",
            "时长，例如 PT1H30M、1:30 或 90m",
            "時長，例如 PT1H30M、1:30 或 90m",
        ],
        "tags" => [
            "a list of tags, each without commas and without spaces around it",
            "标签列表，每个标签不含逗号，首尾无空格",
            "標籤清單，每個標籤不含逗號，首尾無空格",
        ],
        "address" => [
            "an address with country, region, city, district, street or postal_code as texts that are not empty",
            "地址，由非空文本 country、region、city、district、street、postal_code 组成",
            "地址，由非空文字 country、region、city、district、street、postal_code 組成",
        ],
        "color" => ["a colour such as #2255cc", "颜色，例如 #2255cc", "顏色，例如 #2255cc"],
        "barcode" => ["a code without spaces around it", "首尾无空格的条码", "首尾無空格的條碼"],
        "ean13" => [
            "13 digits of which the last is the right check digit",
            "13 位数字，且最后一位校验码正确",
            "13 位數字，且最後一位檢查碼正確",
        ],
        "ean8" => [
            "8 digits of which the last is the right check digit",
            "8 位数字，且最后一位校验码正确",
            "8 位數字，且最後一位檢查碼正確",
        ],
        "upca" => [
            "12 digits of which the last is the right check digit",
            "12 位数字，且最后一位校验码正确",
            "12 位數字，且最後一位檢查碼正確",
        ],
        other => return other,
    };
    pick(locale, texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaks_three_languages_and_leaves_no_placeholder() {
        let errors = [
            InputError::required(),
            InputError::wrong_type("integer"),
            InputError::bad_format("email"),
            InputError::new("too_long").with("max", 3),
            InputError::new("out_of_range").with("min", 1),
            InputError::new("out_of_range").with("max", 9),
            InputError::new("out_of_range"),
            InputError::new("not_an_option").with("given", "x"),
            InputError::new("too_many_digits").with("scale", 2),
            InputError::new("too_many_digits").with("precision", 18),
            InputError::new("bad_character"),
            InputError::new("too_many_items").with("max", 3),
            InputError::new("pattern_mismatch"),
            InputError::new("never_heard_of"),
        ];
        for error in errors {
            for locale in Locale::ALL {
                let message = error.message(locale, "Qty");
                assert!(message.contains("Qty") && !message.contains("{label") && !message.contains("{m"), "{message}");
            }
        }
        let message = InputError::wrong_type("integer").message(Locale::ZhTw, "數量");
        assert_eq!(message, "數量必須是整數。");
    }
}
