//! Every page over the sample package against `tests/pages/`; rewritten with `TRELLIS_UPDATE=1`.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod support;

use support::{compare, date, decimal, folder, holds, id, instant, labels, lines, lookups, row, site, snapshot, visit};
use trellis_access::FieldMask;
use trellis_forms::*;
use trellis_metadata::expression::Expression;
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{FieldIndex, ObjectIndex, Snapshot, Transition, View};
use trellis_metadata::value::Value;

fn pages(snapshot: &Snapshot, locale: Locale) -> Vec<(&'static str, String)> {
    let renderer = Renderer::new().unwrap();
    let objects: Vec<ObjectIndex> = snapshot.objects.iter().map(|object| object.index).collect();
    let flash = Flash { tone: Tone::Success, text: Message::Saved.text(locale).to_owned() };
    let site = site(snapshot, &objects, locale);
    let anonymous = Site { user: None, ..site };
    let flashed = Site { flash: Some(&flash), ..site };
    let object = snapshot.object_by_name("visit").unwrap();
    let form = snapshot.forms_of(object.index).next();
    let views: Vec<&View> = snapshot.views_of(object.index).collect();
    let readable = FieldMask::all(object.fields.len());
    let record = visit(snapshot);
    let conditions = |expression: &Expression| holds(expression, &record.values);
    let children = [ChildRows {
        collection: object.collections.iter().position(|c| c.name.as_str() == "lines").unwrap(),
        rows: lines(snapshot),
        more: false,
        readable: FieldMask::all(40),
        writable: FieldMask::all(40),
        can_create: true,
        can_delete: true,
    }];
    let notes = [
        Notification {
            title: "Visit <1> waits".to_owned(),
            body: "Today".to_owned(),
            link: Some("/t/demo/app/visit/1".to_owned()),
            at: instant("2026-11-23T06:30:00Z"),
            read: false,
        },
        Notification {
            title: "Evil".to_owned(),
            body: String::new(),
            link: Some("javascript:alert(1)".to_owned()),
            at: instant("2026-11-22T06:30:00Z"),
            read: true,
        },
    ];
    let labels = labels();
    let query = ListQuery::from_pairs(
        object,
        &readable,
        &[("q", "shelf"), ("f.status", "planned"), ("sort", "-budget"), ("view", "visit_open")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    )
    .unwrap();
    let list = ListInput {
        object,
        view: views.first().copied(),
        views: &views,
        readable: &readable,
        query: &query,
        rows: std::slice::from_ref(&record),
        labels: &labels,
        next_cursor: Some("abc"),
        total: Some(1234),
        can_create: true,
    };
    let plain = ListQuery::default();
    let empty = ListInput { query: &plain, rows: &[], view: None, views: &[], next_cursor: None, total: None, ..list };
    let status = object.field_by_name("status").unwrap().index;
    let history = [
        HistoryEntry {
            at: instant("2026-11-23T06:30:00Z"),
            who: Some(id(21)),
            kind: Happened::Updated,
            version: 1,
            changes: vec![(status, Value::Null, Value::text("planned"))],
        },
        HistoryEntry {
            at: instant("2026-11-23T06:30:00Z"),
            who: None,
            kind: Happened::Created,
            version: 0,
            changes: Vec::new(),
        },
    ];
    let transitions: Vec<&Transition> = object.state_machine.iter().flat_map(|machine| &machine.transitions).collect();
    let record_input = RecordInput {
        object,
        form,
        row: &record,
        version: 3,
        readable: &readable,
        children: &children,
        labels: &labels,
        transitions: &transitions,
        can_edit: true,
        can_delete: true,
        history: &history,
        conditions: &conditions,
    };
    // What the record is already is not offered to go back to.
    let reverts = record_page(&flashed, record_input).content.history.into_iter().map(|item| item.revert_url.is_some());
    assert_eq!(reverts.collect::<Vec<_>>(), [false, record_input.can_edit]);
    let lookups = lookups(snapshot, false);
    let edit = EditInput {
        object,
        form,
        record: Some((&record, 3)),
        preset: &record,
        readable: &readable,
        writable: &readable,
        children: &children,
        labels: &labels,
        lookups: &lookups,
        input: None,
        problems: &[],
        transition: None,
        conditions: &conditions,
    };
    let refused = FormInput::from_pairs(
        &[
            ("f.subject", "<script>"),
            ("f.on_day", "tomorrow"),
            ("f.shop", "Sun"),
            ("f.topics", ""),
            ("c.lines.0.product", "Tea"),
            ("c.lines.0.quantity", "two"),
            ("c.lines.4.product", ""),
            ("_action", "add_rows:lines"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let (_, problems) = decode_form(site.reader(), snapshot, object, form, Stored::default(), &refused);
    let nothing = RowView::default();
    let no_lines = [ChildRows { rows: Vec::new(), ..children[0].clone() }];
    let create = EditInput { record: None, preset: &nothing, children: &no_lines, ..edit };
    let setup = SetupInput {
        action: "/setup",
        token: "one-time",
        problems: &[("name", Message::EnterField)],
        ..SetupInput::default()
    };
    let login = LoginInput { email: "a@example.com", error: Some(Message::LoginFailed), next: Some("/t/demo/app") };
    let mut pages = vec![
        ("login", renderer.render(&login_page(&anonymous, login))),
        ("setup", renderer.render(&setup_page(&anonymous, setup))),
        ("home", renderer.render(&home_page(&site, &notes))),
        ("notifications", renderer.render(&notifications_page(&site, &notes, Some("next")))),
        ("list", renderer.render(&list_page(&site, list))),
        ("list-empty", renderer.render(&list_page(&site, empty))),
        ("record", renderer.render(&record_page(&flashed, record_input))),
        ("record-default", renderer.render(&record_page(&site, RecordInput { form: None, ..record_input }))),
        ("edit", renderer.render(&edit_page(&site, edit))),
        ("edit-default", renderer.render(&edit_page(&site, EditInput { form: None, ..edit }))),
        ("create", renderer.render(&edit_page(&site, create))),
        (
            "create-refused",
            renderer.render(&edit_page(&site, EditInput { input: Some(&refused), problems: &problems, ..create })),
        ),
    ];
    let details = ["Budget is <too> high.".to_owned()];
    let code = CodeInput {
        code: "unknown_field",
        title: "Unknown field",
        message: Some("`{object}` has no <field> `{name}`."),
        lead: "What is <this>?",
        parts: &[(Message::ErrorCause, "A typing error."), (Message::ErrorRemedy, "Look into `openapi.json`.")],
    };
    pages.push(("error-code", renderer.render(&error_code_page(&anonymous, &code))));
    pages.push(("error-codes", renderer.render(&error_codes_page(&anonymous, [(code.code, code.title)]))));
    pages.extend(ErrorKind::ALL.map(|kind| {
        let name = match kind {
            ErrorKind::Forbidden => "error-403",
            ErrorKind::Expired => "error-expired",
            ErrorKind::NotFound => "error-404",
            ErrorKind::Conflict => "error-412",
            ErrorKind::Unprocessable => "error-422",
            ErrorKind::TooMany => "error-429",
            ErrorKind::Server => "error-500",
            ErrorKind::Unavailable => "error-503",
        };
        (name, renderer.render(&error_page(&site, kind, &details, Some("trace-1"), Some("/t/demo/app/visit"))))
    }));
    pages.into_iter().map(|(name, html)| (name, html.unwrap())).collect()
}

/// Asset names change with every byte of the files.
fn stable(html: &str) -> String {
    assets().iter().fold(html.to_owned(), |html, asset| {
        html.replace(&asset.url, &format!("/assets/app.{}", asset.name.rsplit('.').next().unwrap()))
    })
}

#[test]
fn pages_are_as_recorded() {
    let snapshot = snapshot();
    let mut wrong = Vec::new();
    for locale in Locale::ALL {
        for (name, html) in pages(&snapshot, locale) {
            if locale == Locale::En || matches!(name, "list" | "record" | "edit" | "login") {
                let path = folder("pages").join(format!("{name}.{}.html", locale.tag()));
                wrong.extend(compare(&path, &stable(&html)).err());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pages_keep_the_content_policy_and_escape_everything() {
    let snapshot = snapshot();
    for locale in Locale::ALL {
        for (name, html) in pages(&snapshot, locale) {
            for forbidden in [
                " style=",
                "<style",
                "onclick=",
                "href=\"javascript:",
                "<script>",
                "<b>&",
                "Sunrise <",
                "<Foods>",
                "__n__\" value=\"Tea",
            ] {
                assert!(!html.contains(forbidden), "{name} {locale:?} has {forbidden}");
            }
            assert!(html.contains(&format!("<html lang=\"{}\">", locale.tag())), "{name}");
            assert_eq!(html.matches("<h1").count(), 1, "{name}");
            assert_eq!(html.matches("<main").count(), 1, "{name}");
        }
    }
}

#[test]
fn ids_are_unique_and_labels_meet_their_controls() {
    let snapshot = snapshot();
    for (name, html) in pages(&snapshot, Locale::En) {
        let values = |attribute: &str| -> Vec<String> {
            html.split(&format!(" {attribute}=\""))
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap().to_owned())
                .collect()
        };
        let mut ids = values("id");
        ids.sort();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}: an id is used twice");
        for attribute in ["for", "aria-describedby", "aria-labelledby", "list"] {
            for reference in values(attribute).iter().flat_map(|value| value.split(' ')) {
                assert!(ids.iter().any(|id| id == reference), "{name}: {attribute} {reference} leads nowhere");
            }
        }
        for href in html.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(ids.iter().any(|id| id == href), "{name}: link to {href} leads nowhere");
        }
    }
}

#[test]
fn hidden_fields_leave_no_trace() {
    let snapshot = snapshot();
    let objects: Vec<ObjectIndex> = snapshot.objects.iter().map(|object| object.index).collect();
    let site = site(&snapshot, &objects, Locale::En);
    let object = snapshot.object_by_name("visit").unwrap();
    let record = visit(&snapshot);
    let mut readable = FieldMask::all(object.fields.len());
    let hidden: Vec<FieldIndex> = ["budget", "status"].map(|name| object.field_by_name(name).unwrap().index).to_vec();
    for field in &hidden {
        readable.remove(*field);
    }
    for asked in
        [("sort", "budget"), ("f.status", "planned"), ("sort", "nothing"), ("f.nothing", "1"), ("order", "on_day")]
    {
        let pairs = [(asked.0.to_owned(), asked.1.to_owned())];
        assert_eq!(ListQuery::from_pairs(object, &readable, &pairs), None, "{asked:?}");
    }
    let query = ListQuery::default();
    let list = ListInput {
        object,
        view: None,
        views: &[],
        readable: &readable,
        query: &query,
        rows: std::slice::from_ref(&record),
        labels: &labels(),
        next_cursor: None,
        total: None,
        can_create: false,
    };
    let transitions: Vec<&Transition> = Vec::new();
    let input = RecordInput {
        object,
        form: None,
        row: &record,
        version: 1,
        readable: &readable,
        children: &[],
        labels: &labels(),
        transitions: &transitions,
        can_edit: false,
        can_delete: false,
        history: &[HistoryEntry {
            at: instant("2026-11-23T06:30:00Z"),
            who: None,
            kind: Happened::Updated,
            version: 1,
            changes: vec![(hidden[0], decimal("1"), decimal("12345.50"))],
        }],
        conditions: &|_| true,
    };
    let renderer = Renderer::new().unwrap();
    for html in
        [renderer.render(&list_page(&site, list)).unwrap(), renderer.render(&record_page(&site, input)).unwrap()]
    {
        for secret in ["Budget", "12,345.50", "Planned", "Status"] {
            assert!(!html.contains(secret), "{secret}");
        }
    }
}

#[test]
fn a_list_row_without_a_name_can_still_be_opened() {
    let snapshot = snapshot();
    let objects: Vec<ObjectIndex> = Vec::new();
    let site = site(&snapshot, &objects, Locale::En);
    let object = snapshot.object_by_name("visit").unwrap();
    let nameless = row(object, 7, &[("on_day", date("2026-01-02"))]);
    let readable = FieldMask::all(object.fields.len());
    let list = ListInput {
        object,
        view: None,
        views: &[],
        readable: &readable,
        query: &ListQuery::default(),
        rows: &[nameless],
        labels: &labels(),
        next_cursor: None,
        total: None,
        can_create: false,
    };
    let html = Renderer::new().unwrap().render(&list_page(&site, list)).unwrap();
    assert!(html.contains(">#00000007</a>"), "{html}");
}
