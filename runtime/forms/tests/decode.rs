//! Pairs of a form to a typed record: a table of rows, and what must not get through.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod support;

use support::{decimal, id, instant, json, labels, lines, lookups, site, snapshot, visit};
use trellis_access::FieldMask;
use trellis_forms::{
    ChildRows, DecodedForm, EditInput, FieldProblem, FormInput, Reader, RowView, Site, Stored, decode_form, edit_page,
};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::Snapshot;
use trellis_metadata::value::Value;

fn read(snapshot: &Snapshot, pairs: &[(&str, &str)]) -> Result<trellis_forms::DecodedForm, Vec<FieldProblem>> {
    let (decoded, problems) = read_over(snapshot, Stored::default(), pairs);
    if problems.is_empty() { Ok(decoded) } else { Err(problems) }
}

fn read_over(snapshot: &Snapshot, stored: Stored, pairs: &[(&str, &str)]) -> (DecodedForm, Vec<FieldProblem>) {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let reader = Reader { locale: Locale::En, zone: chrono_tz::Asia::Shanghai };
    let object = snapshot.object_by_name("visit").unwrap();
    decode_form(reader, snapshot, object, None, stored, &FormInput::from_pairs(&pairs))
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

/// Values that hold more than their controls do.
fn rich(snapshot: &Snapshot) -> RowView {
    let object = snapshot.object_by_name("visit").unwrap();
    let mut row = visit(snapshot);
    for (name, value) in [
        ("subject", Value::text(" two\nlines ")),
        ("arrived", Value::DateTime(instant("2026-11-25T17:02:03.123456Z"))),
        ("open_from", Value::Time("01:02:03.123456".parse().unwrap())),
        ("length_m", decimal("11.0000")),
        ("paid", Value::Null),
        ("note", Value::text("\n  indented\r\n\n")),
        ("plan", Value::text("a  \nb\n\n")),
        ("place", json(r#"{"lat":31.2304,"lng":121.4737,"accuracy":5}"#)),
        ("address", json(r#"{"city":"Lyon","note":"behind the house"}"#)),
        ("words", json(r#"["a, b"]"#)),
        ("unit", Value::Id(id(99))),
    ] {
        row.values.insert(object.field_by_name(name).unwrap().index, value);
    }
    row
}

/// What a browser sends for the untouched form.
fn sent(site: &Site, input: EditInput) -> Vec<(String, String)> {
    let sections = edit_page(site, input).content.sections;
    let cells = sections.iter().flat_map(|section| &section.grid).flat_map(|grid| &grid.rows);
    let mut pairs: Vec<(String, String)> = cells.clone().map(|row| (row.id_name.clone(), row.id.clone())).collect();
    let controls = sections.iter().flat_map(|section| &section.controls);
    for control in controls.chain(cells.flat_map(|row| &row.cells).map(|cell| &cell.control)) {
        let mut say = |name: &str, value: &str| pairs.push((name.to_owned(), value.replace('\n', "\r\n")));
        let mut chosen = control.options.iter().filter(|option| option.selected);
        match control.partial {
            "control_readonly" => {}
            "control_checkbox" => say(&control.name, if control.checked { "true" } else { "false" }),
            "control_checkboxes" => {
                say(&control.name, "");
                chosen.for_each(|option| say(&control.name, &option.value));
            }
            "control_radios" => chosen.for_each(|option| say(&control.name, &option.value)),
            "control_select" => say(&control.name, chosen.next_back().map_or("", |option| &option.value)),
            "control_address" => {
                say(&control.name, "");
                control.parts.iter().for_each(|part| say(&part.name, &part.value));
            }
            "control_lookup" => {
                let lookup = control.lookup.as_ref().unwrap();
                say(&control.name, &control.value);
                say(&lookup.id_name, &lookup.id);
                say(&lookup.was_name, &lookup.was);
            }
            _ => say(&control.name, &control.value),
        }
    }
    pairs
}

#[test]
fn an_untouched_form_changes_nothing() {
    let snapshot = snapshot();
    let object = snapshot.object_by_name("visit").unwrap();
    let everything: FieldMask = object.fields.iter().map(|field| field.index).collect();
    let of_lines = snapshot.object_by_name("visit_line").unwrap().fields.iter().map(|field| field.index);
    let of_lines: FieldMask = of_lines.collect();
    let children = [ChildRows {
        collection: 0,
        rows: lines(&snapshot),
        readable: of_lines.clone(),
        writable: of_lines,
        can_create: true,
        ..ChildRows::default()
    }];
    let row = rich(&snapshot);
    for complete in [true, false] {
        let input = EditInput {
            object,
            form: None,
            record: Some((&row, 3)),
            preset: &RowView::default(),
            readable: &everything,
            writable: &everything,
            children: &children,
            labels: &labels(),
            lookups: &lookups(&snapshot, complete),
            input: None,
            problems: &[],
            transition: None,
            conditions: &|_| true,
        };
        let pairs = sent(&site(&snapshot, &[], Locale::En), input);
        let stored = Stored { record: Some(&row), children: &children };
        let as_text = |pairs: &[(String, String)]| -> (DecodedForm, Vec<FieldProblem>) {
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            read_over(&snapshot, stored, &pairs)
        };
        let (untouched, problems) = as_text(&pairs);
        assert_eq!(problems, []);
        assert_eq!(untouched.record.values.into_iter().collect::<Vec<_>>(), []);
        assert!(untouched.record.children.is_empty());

        let arrived = object.field_by_name("arrived").unwrap().index;
        for (text, expected) in [("2026-11-26T01:02", "2026-11-25T17:02:00Z"), ("", "")] {
            let touched: Vec<(String, String)> = pairs
                .iter()
                .map(|(name, value)| (name.clone(), if name == "f.arrived" { text.to_owned() } else { value.clone() }))
                .collect();
            let values = as_text(&touched).0.record.values;
            assert_eq!(values.len(), 1, "{values:?}");
            assert_eq!(values[&arrived].to_string(), expected);
        }
    }
}
