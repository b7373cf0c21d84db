//! What a file is, told from what it holds: neither its name nor what a sender says of it is believed.
//!
//! The few types here are those people attach. Whatever can carry a script that a browser runs (HTML, SVG) is none of
//! them.

use schemars::JsonSchema;
use serde::Deserialize;

/// A type of file that fields may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaType {
    Jpeg,
    Png,
    Webp,
    Gif,
    Pdf,
    Docx,
    Xlsx,
    Pptx,
    Zip,
    /// Plain text of any encoding that leaves control characters alone, tables in CSV among it.
    Text,
}

impl MediaType {
    pub const ALL: [MediaType; 10] = [
        MediaType::Jpeg,
        MediaType::Png,
        MediaType::Webp,
        MediaType::Gif,
        MediaType::Pdf,
        MediaType::Docx,
        MediaType::Xlsx,
        MediaType::Pptx,
        MediaType::Zip,
        MediaType::Text,
    ];

    /// The name in documents.
    pub fn name(self) -> &'static str {
        match self {
            MediaType::Jpeg => "jpeg",
            MediaType::Png => "png",
            MediaType::Webp => "webp",
            MediaType::Gif => "gif",
            MediaType::Pdf => "pdf",
            MediaType::Docx => "docx",
            MediaType::Xlsx => "xlsx",
            MediaType::Pptx => "pptx",
            MediaType::Zip => "zip",
            MediaType::Text => "text",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|media| media.name() == name)
    }

    /// As it stands in `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            MediaType::Jpeg => "image/jpeg",
            MediaType::Png => "image/png",
            MediaType::Webp => "image/webp",
            MediaType::Gif => "image/gif",
            MediaType::Pdf => "application/pdf",
            MediaType::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            MediaType::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            MediaType::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            MediaType::Zip => "application/zip",
            MediaType::Text => "text/plain",
        }
    }

    /// How names of such files end; the first is the usual one.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            MediaType::Jpeg => &["jpg", "jpeg"],
            MediaType::Png => &["png"],
            MediaType::Webp => &["webp"],
            MediaType::Gif => &["gif"],
            MediaType::Pdf => &["pdf"],
            MediaType::Docx => &["docx"],
            MediaType::Xlsx => &["xlsx"],
            MediaType::Pptx => &["pptx"],
            MediaType::Zip => &["zip"],
            MediaType::Text => &["txt", "csv", "md", "log", "tsv"],
        }
    }

    pub fn is_image(self) -> bool {
        matches!(self, MediaType::Jpeg | MediaType::Png | MediaType::Webp | MediaType::Gif)
    }
}

/// Bytes kept from either end: a type shows in the first few, what a zip archive holds in its directory at the end.
const KEPT: usize = 64 * 1024;

/// Looks at a file as it goes by.
#[derive(Debug, Default)]
pub struct Sniffer {
    head: Vec<u8>,
    tail: Vec<u8>,
    holds_controls: bool,
}

impl Sniffer {
    pub fn push(&mut self, bytes: &[u8]) {
        let room = KEPT.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        self.tail.extend_from_slice(bytes);
        let over = self.tail.len().saturating_sub(KEPT);
        self.tail.drain(..over);
        self.holds_controls = self.holds_controls || bytes.iter().any(|byte| is_control(*byte));
    }

    /// The type; none where it is no type there is.
    pub fn finish(&self) -> Option<MediaType> {
        let head = self.head.as_slice();
        if head.starts_with(&[0xff, 0xd8, 0xff]) {
            return Some(MediaType::Jpeg);
        }
        if head.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(MediaType::Png);
        }
        if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP".as_slice()) {
            return Some(MediaType::Webp);
        }
        if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
            return Some(MediaType::Gif);
        }
        if head.starts_with(b"%PDF-") {
            return Some(MediaType::Pdf);
        }
        if head.starts_with(b"PK\x03\x04") {
            return Some(archive(&self.tail));
        }
        self.is_text().then_some(MediaType::Text)
    }

    /// No control characters, and nothing that a browser might take for markup.
    fn is_text(&self) -> bool {
        let text = self.head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.head);
        let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
        !self.holds_controls && first.is_some_and(|byte| *byte != b'<')
    }
}

fn is_control(byte: u8) -> bool {
    (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c)) || byte == 0x7f
}

/// An office document by the folders in the archive; one with macros is an archive like any other.
fn archive(tail: &[u8]) -> MediaType {
    let names = entry_names(tail);
    let holds = |start: &str| names.iter().any(|name| name.starts_with(start.as_bytes()));
    if !holds("[Content_Types].xml") || names.iter().any(|name| name.ends_with(b"vbaProject.bin")) {
        return MediaType::Zip;
    }
    let folders = [("word/", MediaType::Docx), ("xl/", MediaType::Xlsx), ("ppt/", MediaType::Pptx)];
    folders.into_iter().find(|(folder, _)| holds(folder)).map_or(MediaType::Zip, |(_, media)| media)
}

/// Names in the directory of a zip archive, as far as it reaches into these bytes.
fn entry_names(bytes: &[u8]) -> Vec<&[u8]> {
    const LENGTH: usize = 28;
    const NAME: usize = 46;
    let starts = bytes.windows(4).enumerate().filter(|(_, mark)| *mark == b"PK\x01\x02").map(|(at, _)| at);
    let name = |at: usize| {
        let length = bytes.get(at + LENGTH..at + LENGTH + 2)?;
        bytes.get(at + NAME..at + NAME + usize::from(u16::from_le_bytes([length[0], length[1]])))
    };
    starts.filter_map(name).collect()
}

/// Longest name that is kept, in characters.
const MAX_NAME: usize = 150;

/// The name a file is kept under: without folders and what could mislead a reader or a system, and ending as files of
/// its type do.
pub fn safe_name(given: &str, media: MediaType) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().map(|c| if is_unsafe(c) { '_' } else { c }).filter(|c| !is_hidden(*c)).collect();
    let trimmed = plain.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let (stem, ending) = trimmed.rsplit_once('.').unwrap_or((trimmed, ""));
    let fits = media.extensions().iter().any(|known| ending.eq_ignore_ascii_case(known));
    let (stem, ending) = if fits { (stem, ending) } else { (trimmed, media.extensions()[0]) };
    let stem: String = stem.chars().take(MAX_NAME).collect();
    let stem = if stem.trim().is_empty() { "file" } else { stem.trim_end() };
    format!("{stem}.{ending}")
}

fn is_unsafe(c: char) -> bool {
    matches!(c, '"' | '*' | ':' | '<' | '>' | '?' | '|' | '\u{fffd}')
}

/// Controls, and marks that turn or hide what is read.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniff(parts: &[&[u8]]) -> Option<MediaType> {
        let mut sniffer = Sniffer::default();
        for part in parts {
            sniffer.push(part);
        }
        sniffer.finish()
    }

    /// As much of a zip archive as is looked at.
    fn zip(names: &[&str]) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04".to_vec();
        for name in names {
            bytes.extend(b"PK\x01\x02");
            bytes.extend([0; 24]);
            bytes.extend((name.len() as u16).to_le_bytes());
            bytes.extend([0; 16]);
            bytes.extend(name.as_bytes());
        }
        bytes
    }

    #[test]
    fn types_show_in_the_content_alone() {
        let rows: [(&[u8], Option<MediaType>); 16] = [
            (b"\xff\xd8\xff\xe0 rest", Some(MediaType::Jpeg)),
            (b"\x89PNG\r\n\x1a\nrest", Some(MediaType::Png)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(MediaType::Webp)),
            (b"GIF89a/*<script>*/", Some(MediaType::Gif)),
            (b"%PDF-1.7\n<html>", Some(MediaType::Pdf)),
            (b"PK\x03\x04 something", Some(MediaType::Zip)),
            (b"name,price\nTea,3.50\n", Some(MediaType::Text)),
            ("\u{feff}名称，价格".as_bytes(), Some(MediaType::Text)),
            // GB 18030.
            (b"\xc3\xfb\xb3\xc6,\xbc\xdb\xb8\xf1\n", Some(MediaType::Text)),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", None),
            (b"\xef\xbb\xbf\n  <!doctype html>", None),
            (b"MZ\x90\0\x03", None),
            (b"\x7fELF", None),
            (b"text with \0", None),
            (b"  ", None),
            (b"", None),
        ];
        for (bytes, expected) in rows {
            assert_eq!(sniff(&[bytes]), expected, "{}", String::from_utf8_lossy(bytes));
            let halves = bytes.split_at(bytes.len() / 2);
            assert_eq!(sniff(&[halves.0, halves.1]), expected, "in two parts");
        }
        assert_eq!(sniff(&[b"fine so far", &vec![b' '; 100_000], b"\0"]), None);
    }

    #[test]
    fn office_documents_show_in_the_directory_of_the_archive() {
        let rows: [(&[&str], MediaType); 5] = [
            (&["[Content_Types].xml", "_rels/.rels", "word/document.xml"], MediaType::Docx),
            (&["xl/workbook.xml", "[Content_Types].xml"], MediaType::Xlsx),
            (&["[Content_Types].xml", "ppt/presentation.xml"], MediaType::Pptx),
            (&["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"], MediaType::Zip),
            (&["word/document.xml"], MediaType::Zip),
        ];
        for (names, expected) in rows {
            let bytes = zip(names);
            assert_eq!(sniff(&[&bytes[..4], &vec![1; 200_000], &bytes[4..]]), Some(expected), "{names:?}");
        }
        assert_eq!(sniff(&[&zip(&["x"])[..20]]), Some(MediaType::Zip), "cut off");
    }

    #[test]
    fn names_are_harmless_and_end_as_their_type_does() {
        let rows = [
            ("Quote 7.PDF", MediaType::Pdf, "Quote 7.PDF"),
            ("../../etc/passwd", MediaType::Text, "passwd.txt"),
            ("C:\\temp\\photo.jpeg", MediaType::Jpeg, "photo.jpeg"),
            ("evil.html", MediaType::Png, "evil.html.png"),
            ("list.csv", MediaType::Text, "list.csv"),
            ("a\r\nSet-Cookie: x.png", MediaType::Png, "aSet-Cookie_ x.png"),
            ("gpj.\u{202e}exe", MediaType::Jpeg, "gpj.exe.jpg"),
            ("门店照片.png", MediaType::Png, "门店照片.png"),
            ("..", MediaType::Zip, "file.zip"),
            (".png", MediaType::Png, "png.png"),
            ("", MediaType::Webp, "file.webp"),
        ];
        for (given, media, expected) in rows {
            assert_eq!(safe_name(given, media), expected, "{given:?}");
        }
        assert_eq!(safe_name(&"长".repeat(500), MediaType::Gif).chars().count(), MAX_NAME + 4);
    }

    #[test]
    fn every_type_is_found_by_its_name() {
        for media in MediaType::ALL {
            assert_eq!(MediaType::from_name(media.name()), Some(media));
            assert_eq!(serde_json::from_value::<MediaType>(media.name().into()).unwrap(), media);
        }
    }
}
