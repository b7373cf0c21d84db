//! Files in the forms of pages, sent without script; and what becomes of files over time and in copies.

use std::fs;

use serde_json::json;
use trellis_tests::browser::Browser;
use trellis_tests::server::{Backend, Server};
use trellis_tests::site::{Place, folder};

use super::commands::run;

fn file(name: &str) -> Vec<u8> {
    fs::read(folder("tests/http/cases/files").join(name)).unwrap()
}

/// The id a hidden field holds.
fn hidden<'p>(page: &'p str, name: &str) -> &'p str {
    let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_default();
    rest.split('"').next().unwrap_or_default()
}

#[test]
fn a_form_takes_files_without_script() {
    for place in Place::each() {
        place.tenant("show", "showroom");
        for (name, role) in [("keeper", "keeper"), ("other", "keeper")] {
            place.user("show", name, &[role]);
        }
        let server = Server::serve(&place.backend);
        let (keeper, other) = (Browser::log_in(&server, "show", "keeper"), Browser::log_in(&server, "show", "other"));
        let api = server.log_in("show", "keeper");
        let label = file("label.png");

        let page = keeper.get("/t/show/app/exhibit/new").expect(200).text;
        for part in [
            "enctype=\"multipart/form-data\"",
            "name=\"f.photo._file\" accept=\"image/jpeg,image/png,image/webp\"",
            "name=\"f.manual._file\" accept=\".pdf,.txt,.csv,.md,.log,.tsv,.docx\"",
            "name=\"c.angles.0.picture._file\" accept=\"image/jpeg,image/png,image/webp\" capture=\"environment\"",
        ] {
            assert!(page.contains(part), "{part}");
        }

        // Refused for another field: the picture is kept, and comes back by its name alone.
        let photo = ("f.photo._file", "shelf <1>.png", &*label);
        let nameless =
            keeper.submit_files("/t/show/app/exhibit", &[("f.name", ""), ("f.photo", "")], &[photo]).expect(422);
        let kept = hidden(&nameless.text, "f.photo").to_owned();
        assert_eq!(kept.len(), 36, "{}", nameless.text);
        assert!(nameless.text.contains("alt=\"shelf _1_.png\""), "{}", nameless.text);
        // Nobody else learns of it.
        let stolen =
            other.submit_files("/t/show/app/exhibit", &[("f.name", "Thief"), ("f.photo", &kept)], &[]).expect(422);
        assert!(!stolen.text.contains("shelf _1_"), "{}", stolen.text);

        let none = ("f.manual._file", "", &b""[..]);
        let saved =
            keeper.submit_files("/t/show/app/exhibit", &[("f.name", "Table"), ("f.photo", &kept)], &[none]).expect(303);
        let address = saved.header("location").unwrap().to_owned();
        let record = address.rsplit('/').next().unwrap().to_owned();
        let picture = format!("<img src=\"/t/show/api/v1/files/{kept}?variant&#x3D;thumb\" alt=\"shelf _1_.png\"");
        for path in [&*address, "/t/show/app/exhibit", &format!("{address}/edit")] {
            let page = keeper.get(path).expect(200).text;
            assert!(page.contains(&picture), "{path}: {page}");
        }

        // What is refused is said at its control, and nothing else that was typed is lost.
        let long = file("long.txt");
        let svg = file("drawing.svg");
        let pairs = [("f.name", "Round table"), ("f.photo", &kept), ("f.manual", "")];
        let files = [("f.photo._file", "x.png", &*svg), ("f.manual._file", "long.txt", &*long)];
        let refused = keeper.submit_files(&address, &pairs, &files).expect(422).text;
        for part in
            ["value=\"Round table\"", "id=\"f-photo-error\"", "jpeg, png, webp", "id=\"f-manual-error\"", "1000"]
        {
            assert!(refused.contains(part), "{part}: {refused}");
        }
        assert_eq!(hidden(&refused, "f.photo"), kept);

        // Replaced, with a line that has a picture of its own.
        let pairs =
            [("f.name", "Table"), ("f.photo", &*kept), ("c.angles.0.title", "Left"), ("c.angles.0.picture", "")];
        let files = [("f.photo._file", "b.png", &*label), ("c.angles.0.picture._file", "left.png", &*label)];
        keeper.submit_files(&address, &pairs, &files).expect(303);
        let path = format!("/t/show/api/v1/exhibit/{record}?select=photo,angles(title,picture)");
        let found = api.get(&path).expect(200).json();
        assert_ne!(found["photo"], json!(kept));
        assert_eq!((&found["angles"][0]["title"], found["angles"][0]["picture"].is_string()), (&json!("Left"), true));

        // An untouched form changes nothing; the box takes the file away.
        let now = found["photo"].as_str().unwrap();
        keeper.submit_files(&address, &[("f.name", "Table"), ("f.photo", now)], &[]).expect(303);
        assert_eq!(api.get(&path).json()["photo"], json!(now));
        keeper.submit_files(&address, &[("f.photo", now), ("f.photo._remove", "true")], &[]).expect(303);
        assert_eq!(api.get(&path).json()["photo"], json!(null));

        // From elsewhere nothing is kept.
        let forged =
            keeper.submit_parts("/t/show/app/exhibit", "forged", &[("f.name", "Forged")], &[photo]).expect(403);
        assert_eq!(hidden(&forged.text, "f.photo"), "", "{}", forged.text);
        assert_eq!(api.get("/t/show/api/v1/exhibit?name=eq.Forged").json(), json!([]));
    }
}

#[test]
fn copies_hold_the_files() {
    let place = Place::sqlite();
    place.tenant("show", "showroom");
    place.user("show", "keeper", &["keeper"]);
    let label = file("label.png");
    let server = Server::serve(&place.backend);
    let keeper = server.log_in("show", "keeper");
    let sent = keeper.try_send_bytes("POST", "/t/show/api/v1/files?field=exhibit.photo", &[], Some(&label)).unwrap();
    let id = sent.expect(201).json()["id"].as_str().unwrap().to_owned();
    keeper.post("/t/show/api/v1/exhibit", &json!({ "name": "Table", "photo": id })).expect(201);
    let copy = tempfile::tempdir().unwrap();
    let out = copy.path().join("copy").display().to_string();
    run(Some(&place), 0, &["backup", "--out", &out]);
    // Another tenant of the same place, with files of its own.
    run(Some(&place), 0, &["restore", &out, "--tenant", "show", "--as", "again"]);
    run(Some(&place), 0, &["tenant", "delete", "show", "--confirm", "show"]);
    let again = Server::serve(&place.backend);
    let body = json!({ "tenant": "again", "email": "keeper@show.test", "password": trellis_tests::site::PASSWORD });
    let token = trellis_tests::client::Client::new(&again.url).post("/auth/v1/token", &body).expect(200).json();
    let keeper = trellis_tests::client::Client::new(&again.url).with_token(token["access_token"].as_str().unwrap());
    let fetched = keeper.get(&format!("/t/again/api/v1/files/{id}")).expect(200);
    assert_eq!(fetched.bytes, label);
}

#[test]
fn the_doctor_names_files_that_are_missing_changed_or_orphaned() {
    let place = Place::sqlite();
    place.tenant("show", "showroom");
    place.user("show", "keeper", &["keeper"]);
    let server = Server::serve(&place.backend);
    let keeper = server.log_in("show", "keeper");
    let label = file("label.png");
    let send = |name: &str| {
        let path = format!("/t/show/api/v1/files?field=exhibit.photo&name={name}");
        let id = keeper.try_send_bytes("POST", &path, &[], Some(&label)).unwrap().expect(201).json()["id"].clone();
        keeper.post("/t/show/api/v1/exhibit", &json!({ "name": name, "photo": id })).expect(201);
        id.as_str().unwrap().to_owned()
    };
    let [sound, lost, short, bent] = ["sound.png", "lost.png", "short.png", "bent.png"].map(send);
    let examine = |code, more: &[&str]| run(Some(&place), code, &[&["doctor"], more].concat())["findings"].clone();
    assert_eq!(examine(0, &["--deep"]), json!([]));

    let Backend::Sqlite(data) = &place.backend else { unreachable!() };
    let mut tenants = fs::read_dir(data.join("files")).unwrap().map(|entry| entry.unwrap().path());
    let tenant = tenants.find(|path| path.file_name().unwrap() != "incoming").unwrap();
    let path = |id: &str| tenant.join(&id[34..]).join(id);
    fs::remove_file(path(&lost)).unwrap();
    fs::write(path(&short), b"x").unwrap();
    let mut turned = label.clone();
    turned.reverse();
    fs::write(path(&bent), turned).unwrap();
    let orphan = "0190a5b0-0000-7000-8000-000000000001";
    fs::create_dir_all(path(orphan).parent().unwrap()).unwrap();
    fs::write(path(orphan), b"nobody's").unwrap();

    let causes = |findings: &serde_json::Value| -> String {
        findings.as_array().unwrap().iter().map(|one| format!("{} {}\n", one["gravity"], one["cause"])).collect()
    };
    let quick = causes(&examine(1, &[]));
    for (part, is_told) in [
        ("lost.png, of exhibit.photo of ", true),
        ("short.png, of exhibit.photo of ", true),
        ("bent.png", false),
        ("sound.png", false),
        (&*sound, false),
        (orphan, true),
    ] {
        assert_eq!(quick.contains(part), is_told, "{part}: {quick}");
    }
    let deep = causes(&examine(1, &["--deep"]));
    assert!(deep.contains("bent.png, of exhibit.photo of ") && !deep.contains("sound.png"), "{deep}");
    // Whose bytes are gone is as good as gone, and the server goes on.
    keeper.get(&format!("/t/show/api/v1/files/{lost}")).expect(404);
    keeper.get(&format!("/t/show/api/v1/files/{sound}")).expect(200);
}
