//! Forms of the pages, sent as a browser without script sends them: what is kept, what is asked for, where one is led.

use serde_json::{Value, json};
use trellis_tests::browser::Browser;
use trellis_tests::client::{Answer, Client};
use trellis_tests::server::Server;
use trellis_tests::site::{PASSWORD, Place};

const API: &str = "/t/desk/api/v1/ticket";
const PAGE: &str = "/t/desk/app/ticket";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A desk with one ticket, seen at an instant finer than a browser's control.
fn desk(place: &Place) -> (Server, Client, Browser, String) {
    place.tenant("desk", "tickets");
    place.user("desk", "clerk", &["clerk"]);
    let server = Server::serve(&place.backend);
    let clerk = server.log_in("desk", "clerk");
    let ticket = json!({ "title": "Lamp", "seen_at": "2026-11-25T17:02:03.123456Z", "cost": "11.0000" });
    let id = clerk.create(API, &ticket).expect(201).json()["id"].as_str().unwrap().to_owned();
    let browser = Browser::log_in(&server, "desk", "clerk");
    (server, clerk, browser, id)
}

fn stored(clerk: &Client, id: &str) -> Value {
    clerk.get(&format!("{API}/{id}")).expect(200).json()
}

/// The value that the control of this name holds.
fn held<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let control = page.split(&format!("name=\"{name}\"")).nth(1)?.split('>').next()?;
    control.split("value=\"").nth(1)?.split('"').next()
}

#[test]
fn what_a_form_shows_shorter_than_it_is_stays_as_it_is() {
    for place in Place::each() {
        let (_server, clerk, browser, id) = desk(&place);
        let page = browser.get(&format!("{PAGE}/{id}/edit")).expect(200).text;
        let seen = held(&page, "f.seen_at").unwrap();
        assert!(seen.ends_with(":02:03.123"), "{seen}");
        assert_eq!(held(&page, "f.cost"), Some("11"));
        let form = format!("f.title=Lamp+2&f.seen_at={seen}&f.place=office&f.cost=11");
        browser.submit(&format!("{PAGE}/{id}"), form.as_bytes()).unwrap().expect(303);
        let now = stored(&clerk, &id);
        assert_eq!((&now["title"], &now["seen_at"]), (&json!("Lamp 2"), &json!("2026-11-25T17:02:03.123456Z")));
    }
}

#[test]
fn a_refused_form_keeps_what_was_typed_and_the_fields_that_depend_on_it() {
    for place in Place::each() {
        let (_server, clerk, browser, id) = desk(&place);
        let form = b"f.title=Lamp+3&f.place=outside&f.street=High+Street&f.cost=abc";
        let refused = browser.submit(&format!("{PAGE}/{id}"), form).unwrap().expect(422).text;
        for (name, value) in [("f.title", "Lamp 3"), ("f.street", "High Street"), ("f.cost", "abc")] {
            assert_eq!(held(&refused, name), Some(value));
        }
        assert_eq!(held(&refused, "f.reason"), None);
        assert_eq!(stored(&clerk, &id)["title"], "Lamp");
    }
}

#[test]
fn what_the_form_requires_is_required_of_what_it_sends() {
    for place in Place::each() {
        let (_server, clerk, browser, id) = desk(&place);
        for (path, title) in [(PAGE.to_owned(), "New"), (format!("{PAGE}/{id}"), "Old")] {
            for street in ["", "&f.street=", "&f.street=+"] {
                let form = format!("f.title={title}&f.seen_at=2026-11-25T17:02&f.place=outside{street}");
                let refused = browser.submit(&path, form.as_bytes()).unwrap().expect(422).text;
                assert!(
                    refused.contains("href=\"#f-street\"") && refused.contains("id=\"f-street-error\""),
                    "{refused}"
                );
            }
            let form = format!("f.title={title}&f.seen_at=2026-11-25T17:02&f.place=office");
            browser.submit(&path, form.as_bytes()).unwrap().expect(303);
        }
        assert_eq!(stored(&clerk, &id)["title"], "Old");
    }
}

#[test]
fn a_refused_transition_asks_for_the_field_it_needs() {
    for place in Place::each() {
        let (_server, clerk, browser, id) = desk(&place);
        let path = format!("{PAGE}/{id}/transition");
        let asked = browser.submit(&path, b"_action=transition:drop").unwrap().expect(422).text;
        assert_eq!(held(&asked, "f.reason"), Some(""));
        assert!(asked.contains("Say why it is dropped."), "{asked}");
        assert!(
            asked.contains(&format!("action=\"{path}\"")) && asked.contains("value=\"transition:drop\""),
            "{asked}"
        );
        assert_eq!(held(&asked, "f.title"), None, "only what is needed");
        assert_eq!(stored(&clerk, &id)["status"], "open");
        browser.submit(&path, b"_action=transition:drop&f.reason=").unwrap().expect(422);
        browser.submit(&path, b"_action=transition:drop&f.reason=Sold").unwrap().expect(303);
        let now = stored(&clerk, &id);
        assert_eq!((&now["status"], &now["reason"]), (&json!("dropped"), &json!("Sold")));
        // Pressed twice it is done once.
        browser.submit(&path, b"_action=transition:drop").unwrap().expect(303);
        assert_eq!(stored(&clerk, &id), now);
    }
}

#[test]
fn a_page_that_is_too_old_says_so_and_loses_nothing() {
    let place = Place::sqlite();
    let (server, clerk, browser, id) = desk(&place);
    let anybody = Client::new(&server.url);
    let send = |path: &str, cookie: &str, body: &str| -> Answer {
        anybody.send_text("POST", path, &[FORM, ("cookie", cookie), ("accept-language", "en")], Some(body))
    };
    let old = send(&format!("{PAGE}/{id}"), &browser.session, "_csrf=old&f.title=Typed").expect(403).text;
    assert_eq!(held(&old, "f.title"), Some("Typed"));
    assert!(old.contains("open too long") && !old.contains("roles do not allow"), "{old}");
    assert!(held(&old, "_csrf").is_some_and(|token| token != "old"), "a fresh token");
    let moved = send(&format!("{PAGE}/{id}/transition"), &browser.session, "_action=transition:drop").expect(403).text;
    assert!(moved.contains("open too long") && !moved.contains("roles do not allow"), "{moved}");
    assert_eq!((&stored(&clerk, &id)["title"], &stored(&clerk, &id)["status"]), (&json!("Lamp"), &json!("open")));

    let body = format!("email=clerk%40desk.test&password={PASSWORD}");
    let login = send("/t/desk/login", "", &body).expect(403).text;
    assert!(login.contains("open too long") && !login.contains("password is wrong"), "{login}");

    for (path, page) in [
        (PAGE.to_owned(), format!("{PAGE}/new")),
        (format!("{PAGE}/{id}"), format!("{PAGE}/{id}/edit")),
        (format!("{PAGE}/{id}/transition"), format!("{PAGE}/{id}")),
    ] {
        let led = send(&path, "trellis_session=gone", "f.title=Typed").expect(303);
        let next = led.header("location").unwrap().replace("%2F", "/").replace("%2D", "-");
        assert_eq!(next, format!("/t/desk/login?next={page}"));
    }
}

#[test]
fn addresses_that_lead_elsewhere_or_nowhere_are_refused() {
    let place = Place::sqlite();
    let (server, _clerk, browser, _id) = desk(&place);
    for query in ["view=zzz", "sort=zzz", "order=title", "f.zzz=1", "f.place=zzz"] {
        browser.get(&format!("{PAGE}?{query}")).expect(404);
    }
    browser.get(&format!("{PAGE}?sort=-title&f.place=office&q=Lamp")).expect(200);
    let anybody = Client::new(&server.url);
    for next in ["/t/desk/../../evil", "/t/desk/%2e%2e/x", "/t/desk/./x", "//evil", "/t/desk/..\\x"] {
        let next = next.replace('%', "%25");
        let body = format!("_csrf=any&next={next}&email=clerk%40desk.test&password={PASSWORD}");
        let headers = [FORM, ("cookie", "trellis_login=any")];
        let led = anybody.send_text("POST", "/t/desk/login", &headers, Some(&body)).expect(303);
        assert_eq!(led.header("location"), Some("/t/desk/app"), "{next}");
        let body = format!("locale=en&return_to={next}");
        let led = browser.submit("/t/desk/app/locale", body.as_bytes()).unwrap().expect(303);
        assert_eq!(led.header("location"), Some("/t/desk/app"), "{next}");
    }
}
