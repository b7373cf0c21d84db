//! Renders every page with made-up records into a folder, for looking at: `cargo run --example gallery -- <packages> <folder>`.

#![allow(clippy::unwrap_used, reason = "a tool for looking at pages, not part of the runtime")]
#![allow(
    clippy::wildcard_imports,
    clippy::manual_is_multiple_of,
    clippy::collapsible_if,
    clippy::manual_range_contains
)]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use rust_decimal::Decimal;
use trellis_access::FieldMask;
use trellis_forms::*;
use trellis_metadata::document::DocumentSet;
use trellis_metadata::label::Locale;
use trellis_metadata::resolve::resolve;
use trellis_metadata::snapshot::*;
use trellis_metadata::value::Value;
use uuid::Uuid;

const SHOPS: [(&str, &str); 12] = [
    ("Sunrise Grocery", "朝阳便利店"),
    ("Golden Gate Mart", "金门商行"),
    ("Lucky Corner", "好运来超市"),
    ("River Market", "江滨生鲜"),
    ("Jade Convenience", "翡翠便利"),
    ("Harbour Wholesale", "港湾批发部"),
    ("Blue Lantern Foods", "蓝灯食品店"),
    ("North Bridge Store", "北桥小卖部"),
    ("Three Pines Deli", "三松熟食"),
    ("Maple & Sons", "枫叶烟酒行"),
    ("Old Town Kiosk", "老城报刊亭"),
    ("Station 24h", "站前24小时店"),
];

struct Gallery {
    snapshot: Snapshot,
    folder: PathBuf,
    renderer: Renderer,
}

fn id(seed: usize) -> Uuid {
    Uuid::from_u128(0x0193_5000_0000_7000_8000_0000_0000_0000 + (seed as u128) * 0x9E37_79B9_7F4A)
}

fn value(field: &Field, n: usize, locale: Locale) -> Value {
    let shop = |n: usize| if locale == Locale::En { SHOPS[n % 12].0 } else { SHOPS[n % 12].1 };
    let date = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap() + TimeDelta::days((n as i64 * 3) % 40 - 20);
    let money = Decimal::new((n as i64 * 73_291 + 12_850) % 5_000_000, 2);
    match &field.kind {
        FieldKind::Text(_) if field.name.as_str().contains("name") => Value::text(shop(n)),
        FieldKind::Text(_) if field.name.as_str().contains("addr") => Value::text(format!("{} Renmin Road", n + 18)),
        FieldKind::Text(_) => Value::text(format!("C-{:04}", n * 17 + 31)),
        FieldKind::LongText(_) => {
            Value::text("Please deliver before noon; the loading bay is behind the building.\nCall ahead.")
        }
        FieldKind::Email => Value::text("li.wei@example.com"),
        FieldKind::Phone => Value::text("+86 138 0013 8000"),
        FieldKind::Url => Value::text("https://example.com/shop"),
        FieldKind::Integer { .. } => Value::Integer((n as i64 * 7) % 48 + 1),
        FieldKind::Percent(_) => Value::Decimal(Decimal::new(5 + n as i64, 2)),
        FieldKind::Decimal(_) | FieldKind::Money(_) => Value::Decimal(money),
        FieldKind::Boolean => Value::Boolean(n % 3 != 0),
        FieldKind::Date => Value::Date(date),
        FieldKind::DateTime => {
            Value::DateTime((date.and_hms_opt(6, 12, 0).unwrap() + TimeDelta::minutes(n as i64 * 37)).and_utc())
        }
        FieldKind::Time => Value::Time(NaiveTime::from_hms_opt(8, 30, 0).unwrap()),
        FieldKind::Choice(set) if !set.options.is_empty() => Value::text(&set.options[n % set.options.len()].code),
        FieldKind::MultiChoice(set) => Value::List(set.options.iter().take(2).map(|o| Value::text(&o.code)).collect()),
        FieldKind::AutoNumber { .. } => Value::text(format!("SO-202611-{:06}", n + 1041)),
        FieldKind::Lookup(r) | FieldKind::User(r) | FieldKind::MasterDetail(r) => {
            Value::Id(id(r.target.0 * 100 + n % 12))
        }
        FieldKind::Geolocation => Value::Json(serde_json::json!({"lat": 31.2304, "lng": 121.4737}).into()),
        FieldKind::Json => Value::Json(serde_json::json!({"source": "import", "rows": [1, 2]}).into()),
        FieldKind::Id => Value::Id(id(n)),
        _ => Value::Null,
    }
}

fn row(object: &Object, n: usize, locale: Locale) -> RowView {
    let mut values: BTreeMap<FieldIndex, Value> =
        object.fields.iter().map(|f| (f.index, value(f, n, locale))).collect();
    values.insert(system_field::DELETED_AT, Value::Null);
    if n % 5 == 3 {
        if let Some(f) = object.fields.iter().rev().find(|f| matches!(f.kind, FieldKind::Date)) {
            values.insert(f.index, Value::Null);
        }
    }
    RowView { id: id(object.index.0 * 100 + n), values, color: (n % 6 == 4).then(|| "danger".to_owned()) }
}

fn labels(snapshot: &Snapshot, locale: Locale) -> Labels {
    let people = ["Li Wei", "Chen Jing", "Anna Schmidt", "Wang Fang"];
    let people_zh = ["李伟", "陈静", "安娜", "王芳"];
    let mut labels = HashMap::new();
    for object in &snapshot.objects {
        for n in 0..12 {
            let name = match (object.index.0, locale) {
                (0, Locale::En) => people[n % 4].to_owned(),
                (0, _) => people_zh[n % 4].to_owned(),
                (_, Locale::En) => SHOPS[n].0.to_owned(),
                (_, _) => SHOPS[n].1.to_owned(),
            };
            labels.insert(id(object.index.0 * 100 + n), name);
        }
    }
    labels
}

impl Gallery {
    fn write<M: Template>(&self, name: &str, locale: Locale, page: &Page<M>) {
        let html = self.renderer.render(page).unwrap_or_else(|e| panic!("{name}: {e}"));
        let html = html.replace("/assets/", "assets/");
        std::fs::write(self.folder.join(format!("{name}.{}.html", locale.tag())), html).unwrap();
    }

    fn render(&self, locale: Locale) {
        let snapshot = &self.snapshot;
        let readable: Vec<ObjectIndex> = snapshot.objects.iter().map(|o| o.index).collect();
        let flash = Flash { tone: Tone::Success, text: Message::Saved.text(locale).to_owned() };
        let zone = chrono_tz::Asia::Shanghai;
        let site = Site {
            snapshot,
            tenant: "demo",
            tenant_label: if locale == Locale::En { "Evergreen Foods" } else { "常青食品" },
            locale,
            zone,
            user: Some(SiteUser {
                name: if locale == Locale::En { "Li Wei" } else { "李伟" },
                email: "li.wei@evergreen.example",
            }),
            objects: &readable,
            unread: 3,
            csrf: "token",
            return_to: "/t/demo/app",
            flash: None,
        };
        let labels = labels(snapshot, locale);
        let order = snapshot.object_by_name("sales_order").unwrap();
        let outlet = snapshot.object_by_name("outlet").unwrap();
        let all = FieldMask::all(200);
        let no = |_: &trellis_metadata::expression::Expression| true;
        let at = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap().and_hms_opt(6, 30, 0).unwrap().and_utc();
        let notes: Vec<Notification> = (0..4)
            .map(|n| Notification {
                title: if locale == Locale::En {
                    format!("Order SO-202611-{:06} waits for your approval", 1041 + n)
                } else {
                    format!("订单 SO-202611-{:06} 等待您审批", 1041 + n)
                },
                body: if n % 2 == 0 { "Golden Gate Mart · 12,850.00".into() } else { String::new() },
                link: Some("/t/demo/app/sales_order".into()),
                at: at - TimeDelta::hours(n * 7),
                read: n > 1,
            })
            .collect();
        self.write("home", locale, &home_page(&site, &notes));
        self.write("notifications", locale, &notifications_page(&site, &notes, Some("c")));
        self.write("notifications-empty", locale, &notifications_page(&site, &[], None));
        let anonymous = Site { user: None, ..site };
        self.write("login", locale, &login_page(&anonymous, LoginInput::default()));
        self.write(
            "login-error",
            locale,
            &login_page(
                &anonymous,
                LoginInput { email: "li.wei@evergreen.example", error: Some(Message::LoginFailed), next: None },
            ),
        );
        self.write(
            "setup",
            locale,
            &setup_page(
                &anonymous,
                SetupInput {
                    action: "/setup",
                    tenant: "main",
                    token: "x",
                    name: "",
                    email: "a@",
                    problems: &[("name", Message::EnterField), ("password", Message::PasswordTooShort)],
                },
            ),
        );
        for kind in ErrorKind::ALL {
            self.write(
                &format!("error-{}", kind.status()),
                locale,
                &error_page(&site, kind, &[], Some("01935f7e"), Some("/t/demo/app/sales_order")),
            );
        }
        for (name, object) in [("list-order", order), ("list-outlet", outlet)] {
            let views: Vec<&View> = snapshot.views_of(object.index).collect();
            let rows: Vec<RowView> = (0..12).map(|n| row(object, n, locale)).collect();
            let mut pairs = vec![("sort".to_owned(), object.field(object.record_name).name.to_string())];
            if name == "list-order" {
                pairs.push(("f.status".into(), "approved".into()));
                pairs.push(("q".into(), "SO".into()));
            }
            let query = ListQuery::from_pairs(object, &all, &pairs).unwrap_or_default();
            let input = ListInput {
                object,
                view: views.first().copied(),
                views: &views,
                readable: &all,
                query: &query,
                rows: &rows,
                labels: &labels,
                next_cursor: Some("abc"),
                total: Some(1284),
                can_create: true,
            };
            self.write(name, locale, &list_page(&site, input));
            if name == "list-outlet" {
                let query = ListQuery::default();
                self.write(
                    "list-empty",
                    locale,
                    &list_page(
                        &site,
                        ListInput { rows: &[], query: &query, view: None, next_cursor: None, total: None, ..input },
                    ),
                );
            }
        }
        for (name, object) in [("order", order), ("outlet", outlet)] {
            let form = snapshot
                .forms_of(object.index)
                .find(|f| !f.audience.contains(&Audience::Phone))
                .or_else(|| snapshot.forms_of(object.index).next());
            let record = row(object, 1, locale);
            let children: Vec<ChildRows> = object
                .collections
                .iter()
                .enumerate()
                .take(4)
                .map(|(i, c)| ChildRows {
                    collection: i,
                    rows: (0..3).map(|n| row(snapshot.object(c.object), n, locale)).collect(),
                    more: !c.master_detail,
                    readable: all.clone(),
                    writable: all.clone(),
                    can_create: true,
                    can_delete: true,
                })
                .collect();
            let transitions: Vec<&Transition> = object
                .state_machine
                .iter()
                .flat_map(|m| {
                    m.transitions.iter().filter(|t| {
                        let s = record.values[&m.field].as_text().unwrap_or("");
                        t.from.iter().any(|f| &**f == s)
                    })
                })
                .collect();
            let status = object.field_by_name("status").map_or(object.record_name, |f| f.index);
            let history: Vec<HistoryEntry> = vec![
                HistoryEntry {
                    at,
                    who: Some(id(1)),
                    kind: Happened::Updated,
                    version: 1,
                    changes: vec![
                        (status, value(object.field(status), 0, locale), value(object.field(status), 1, locale)),
                        (object.record_name, Value::text("A"), Value::text("B")),
                    ],
                },
                HistoryEntry {
                    at: at - TimeDelta::hours(5),
                    who: None,
                    kind: Happened::Updated,
                    version: 1,
                    changes: vec![(object.record_name, Value::Null, Value::text("SO-202611-001042"))],
                },
                HistoryEntry {
                    at: at - TimeDelta::hours(6),
                    who: Some(id(0)),
                    kind: Happened::Created,
                    version: 1,
                    changes: vec![],
                },
            ];
            let flashed = Site { flash: (name == "outlet").then_some(&flash), ..site };
            self.write(
                &format!("record-{name}"),
                locale,
                &record_page(
                    &flashed,
                    RecordInput {
                        object,
                        form,
                        row: &record,
                        version: 3,
                        readable: &all,
                        children: &children,
                        labels: &labels,
                        transitions: &transitions,
                        can_edit: true,
                        can_delete: true,
                        history: &history,
                        conditions: &no,
                    },
                ),
            );
            let mut lookups: Lookups = HashMap::new();
            for target in &snapshot.objects {
                lookups.insert(
                    target.index,
                    LookupOptions {
                        options: (0..12)
                            .map(|n| (id(target.index.0 * 100 + n), labels[&id(target.index.0 * 100 + n)].clone()))
                            .collect(),
                        complete: target.index.0 % 2 == 0,
                    },
                );
            }
            let edit = EditInput {
                object,
                form,
                record: Some((&record, 3)),
                preset: &record,
                readable: &all,
                writable: &all,
                children: &children,
                labels: &labels,
                lookups: &lookups,
                input: None,
                problems: &[],
                transition: None,
                conditions: &no,
            };
            self.write(&format!("edit-{name}"), locale, &edit_page(&site, edit));
            let pairs: Vec<(String, String)> =
                [("f.need_by_on", "tomorrow"), ("c.lines.0.uom_qty", "many"), ("_action", "add_rows:lines")]
                    .map(|(a, b)| (a.to_owned(), b.to_owned()))
                    .into();
            let raw = FormInput::from_pairs(&pairs);
            let (_, problems) = decode_form(site.reader(), snapshot, object, None, Stored::default(), &raw);
            let blank = RowView::default();
            let empty: Vec<ChildRows> = children.iter().cloned().map(|c| ChildRows { rows: vec![], ..c }).collect();
            self.write(
                &format!("new-{name}"),
                locale,
                &edit_page(
                    &site,
                    EditInput {
                        record: None,
                        preset: &blank,
                        children: &empty,
                        input: (name == "order").then_some(&raw),
                        problems: &problems,
                        form,
                        ..edit
                    },
                ),
            );
        }
    }
}

/// All documents below a folder, resolved.
fn load(folder: &Path) -> Snapshot {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                files.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    let (set, found) = DocumentSet::parse(files);
    let resolution = resolve(&set.in_layer(Layer::Package), 1);
    for diagnostic in found.iter().chain(resolution.errors()) {
        eprintln!("{diagnostic}");
    }
    resolution.snapshot.unwrap()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (packages, folder) = (arguments.next().unwrap(), arguments.next().unwrap());
    let folder = Path::new(&folder).to_path_buf();
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    for asset in assets() {
        std::fs::write(folder.join("assets").join(&asset.name), asset.bytes).unwrap();
    }
    let gallery = Gallery { snapshot: load(Path::new(&packages)), folder, renderer: Renderer::new().unwrap() };
    for locale in Locale::ALL {
        gallery.render(locale);
    }
}
