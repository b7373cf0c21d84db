//! Pairs of a form to a typed record: a table of rows, and what must not get through.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod support;

use support::{id, snapshot};
use trellis_forms::{FieldProblem, FormInput, Reader, decode_form};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::Snapshot;

fn read(snapshot: &Snapshot, pairs: &[(&str, &str)]) -> Result<trellis_forms::DecodedForm, Vec<FieldProblem>> {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let reader = Reader { locale: Locale::En, zone: chrono_tz::Asia::Shanghai };
    let object = snapshot.object_by_name("visit").unwrap();
    decode_form(reader, snapshot, object, None, None, &FormInput::from_pairs(&pairs))
}

#[test]
fn each_kind_of_field_is_read() {
    let snapshot = snapshot();
    let object = snapshot.object_by_name("visit").unwrap();
    for (field, text, expected) in [
        ("subject", "  Tea  ", "Tea"),
        ("subject", "", ""),
        ("purpose", "order", "order"),
        ("on_day", "2026-11-23", "2026-11-23"),
        ("on_day", "2026年11月23日", "2026-11-23"),
        ("arrived", "2026-11-23T14:30", "2026-11-23T06:30:00Z"),
        ("open_from", "08:30", "08:30:00"),
        ("shelves", "４２", "42"),
        ("length_m", "1,234.5", "1234.500"),
        ("budget", "0.10", "0.10"),
        ("share", "12.5 %", "0.1250"),
        ("paid", "true", "true"),
        ("mail", "a@example.com", "a@example.com"),
        ("place", "31.23, 121.47", r#"{"lat":31.23,"lng":121.47}"#),
        ("note", "a\r\nb", "a\nb"),
        ("extra", "[1]", "[1]"),
        ("report", "<p>a</p>\r\n<script>b</script>", "<p>a</p>\n"),
        ("plan", "- a\r\n- <b>b</b>", "- a\n- <b>b</b>"),
        ("took", "１:30", "5400"),
        ("took", "90m", "5400"),
        ("words", "new，hot、 new ", r#"["new","hot"]"#),
        ("unit", "01935000-0000-7000-8000-00000000001f", "01935000-0000-7000-8000-00000000001f"),
        ("district", " 310104 ", "310104"),
        ("code", "4006381333931", "4006381333931"),
        ("shade", "#2255CC", "#2255cc"),
        ("mood", "５", "5"),
        ("shop", "01935000-0000-7000-8000-00000000000b", "01935000-0000-7000-8000-00000000000b"),
    ] {
        let decoded = read(&snapshot, &[(&format!("f.{field}"), text)]).unwrap_or_else(|p| panic!("{field}: {p:?}"));
        let value = &decoded.record.values[&object.field_by_name(field).unwrap().index];
        assert_eq!(value.to_string(), expected, "{field} {text}");
    }
}

#[test]
fn all_problems_are_found_at_once_in_the_language_of_the_reader() {
    let snapshot = snapshot();
    let problems = read(
        &snapshot,
        &[
            ("f.on_day", "tomorrow"),
            ("f.shelves", "1.5"),
            ("f.budget", "-1"),
            ("f.purpose", "nap"),
            ("f.topics", "gossip"),
            ("f.place", "here"),
            ("f.extra", "{"),
            ("f.took", "soon"),
            ("f.district", "x"),
            ("f.code", "4006381333932"),
            ("f.shade", "red"),
            ("f.mood", "6"),
            ("f.address", ""),
            ("f.address.city", " "),
            ("c.lines.3.quantity", "two"),
        ],
    )
    .unwrap_err();
    let mut names: Vec<&str> = problems.iter().map(|problem| problem.name.as_str()).collect();
    names.sort_unstable();
    let expected = [
        "c.lines.3.quantity",
        "f.address",
        "f.budget",
        "f.code",
        "f.district",
        "f.extra",
        "f.mood",
        "f.on_day",
        "f.place",
        "f.purpose",
        "f.shade",
        "f.shelves",
        "f.took",
        "f.topics",
    ];
    assert_eq!(names, expected);
    assert!(problems.iter().all(|problem| !problem.message.contains('{')), "{problems:?}");
}

#[test]
fn an_address_is_read_from_its_parts() {
    let snapshot = snapshot();
    let address = snapshot.object_by_name("visit").unwrap().field_by_name("address").unwrap().index;
    for (pairs, expected) in [
        (
            &[("f.address", ""), ("f.address.street", " 1 Road "), ("f.address.country", "CN")][..],
            r#"{"street":"1 Road","country":"CN"}"#,
        ),
        (&[("f.address", ""), ("f.address.street", "")], ""),
    ] {
        let decoded = read(&snapshot, pairs).unwrap();
        assert_eq!(decoded.record.values[&address].to_string(), expected, "{pairs:?}");
    }
    // Absent from the form, it is left alone.
    assert!(read(&snapshot, &[("f.address.city", "x")]).unwrap().record.values.is_empty());
}

#[test]
fn what_the_runtime_writes_cannot_be_sent() {
    let snapshot = snapshot();
    let pairs = [("f.id", "x"), ("f.owner_id", "x"), ("f.version", "9"), ("f.total", "1"), ("f.nothing", "1")];
    assert!(read(&snapshot, &pairs).unwrap().record.values.is_empty());
}

#[test]
fn blank_rows_are_no_rows_and_pointers_find_their_control() {
    let snapshot = snapshot();
    let stored = id(101).to_string();
    let decoded = read(
        &snapshot,
        &[
            ("c.lines.0._id", &stored),
            ("c.lines.0.product", "Tea"),
            ("c.lines.0.quantity", ""),
            ("c.lines.1._id", ""),
            ("c.lines.1.product", ""),
            ("c.lines.1.gift", "false"),
            ("c.lines.5.product", "Juice"),
            ("c.lines.5.quantity", ""),
            ("c.lines.6.product", "Dropped"),
            ("c.lines.6._delete", "true"),
            ("c.lines.7._id", &id(102).to_string()),
            ("c.lines.7._delete", "true"),
        ],
    )
    .unwrap();
    let (_, rows) = &decoded.record.children[0];
    let child = snapshot.object_by_name("visit_line").unwrap();
    let quantity = child.field_by_name("quantity").unwrap().index;
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].record.id, Some(id(101)));
    assert!(rows[0].record.values[&quantity].is_null(), "clearing a stored cell is meant");
    assert!(!rows[1].record.values.contains_key(&quantity), "a new row takes the default");
    assert!(rows[2].delete && rows[2].record.values.is_empty());
    assert_eq!(decoded.control_of("/lines/1/quantity"), "c.lines.5.quantity");
    assert_eq!(decoded.control_of("/subject"), "f.subject");
    assert_eq!(decoded.control_of("/lines/9/quantity"), "");
    assert_eq!(decoded.control_of(""), "");
}

#[test]
fn a_typed_name_is_left_to_the_server_unless_it_was_chosen() {
    let snapshot = snapshot();
    let object = snapshot.object_by_name("visit").unwrap();
    let shop = object.field_by_name("shop").unwrap().index;
    let chosen = id(11).to_string();
    let same = read(&snapshot, &[("f.shop", "Jade"), ("f.shop._id", &chosen), ("f.shop._was", "Jade")]).unwrap();
    assert_eq!(same.record.values[&shop].as_id(), Some(id(11)));
    let mut other = read(&snapshot, &[("f.shop", "Sun"), ("f.shop._id", &chosen), ("f.shop._was", "Jade")]).unwrap();
    assert!(other.record.values[&shop].is_null());
    let unresolved = other.unresolved[0].clone();
    assert_eq!((unresolved.name.as_str(), unresolved.text.as_str()), ("f.shop", "Sun"));
    other.resolve(&unresolved, id(12));
    assert_eq!(other.record.values[&shop].as_id(), Some(id(12)));
}

#[test]
fn many_rows_and_odd_names_are_refused_or_ignored_without_harm() {
    let snapshot = snapshot();
    let names: Vec<String> = (0..1000).map(|n| format!("c.lines.{n}.product")).collect();
    let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    assert_eq!(read(&snapshot, &pairs).unwrap_err().len(), 1);
    let odd = [
        "c.",
        "c.lines",
        "c.lines.",
        "c.lines.99999999999999999999.product",
        "c.lines.-1.product",
        "f.",
        "....",
        "c..0.x",
    ];
    let pairs: Vec<(&str, &str)> = odd.iter().map(|name| (*name, "x")).collect();
    let decoded = read(&snapshot, &pairs).unwrap();
    assert!(decoded.record.values.is_empty() && decoded.record.children.is_empty());
}
