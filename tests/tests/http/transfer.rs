//! Files in and out by the command line: on the data, through a server, in the encoding and the words of the country.

use std::fs;

use serde_json::json;
use trellis_tests::server::Server;
use trellis_tests::site::Place;

use crate::commands::run;

#[test]
fn what_was_exported_can_be_imported_and_exported_again() {
    for place in Place::each() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        for tenant in ["one", "two"] {
            place.tenant(tenant, "workshop");
            place.user(tenant, "keeper", &["keeper", "auditor"]);
        }
        fs::write(path("sites.csv"), "code,name\nN,North\nS,\"South, and \"\"more\"\"\"\n").unwrap();
        let mut machines = String::from("tag\ttitle\tsite\tgrade\tskills\n");
        for number in 0..1_200 {
            machines.push_str(&format!("M-{number:04}\tMill {number}\t{}\ta\t\n", ["N", "North"][number % 2]));
        }
        fs::write(path("machines.tsv"), machines).unwrap();
        let on = |tenant: &str, arguments: &[&str], code: i32| {
            let arguments: Vec<&str> = arguments.iter().copied().chain(["--tenant", tenant]).collect();
            run(Some(&place), code, &arguments)
        };
        on("one", &["import", &path("sites.csv"), "--object", "site"], 0);
        let trial = on("one", &["import", &path("machines.tsv"), "--object", "machine", "--dry-run"], 0);
        assert_eq!((&trial["created"], &trial["dry_run"]), (&json!(1_200), &json!(true)));
        let loaded = on("one", &["import", &path("machines.tsv"), "--object", "machine"], 0);
        assert_eq!(loaded["created"], 1_200);
        let again =
            on("one", &["import", &path("machines.tsv"), "--object", "machine", "--errors", &path("no.tsv")], 1);
        assert_eq!((&again["created"], &again["refused"]), (&json!(0), &json!(1_200)));
        assert_eq!(fs::read_to_string(path("no.tsv")).unwrap().lines().count(), 1_201);
        let query = "select=tag,title,site(code),grade&order=tag";
        on("one", &["export", &path("one.csv"), "--object", "machine", "--query", query], 0);
        let exported = fs::read_to_string(path("one.csv")).unwrap();
        assert_eq!(exported.lines().count(), 1_201);
        assert!(exported.starts_with("tag,title,grade,site.code\r\nM-0000,Mill 0,a,N\r\n"), "{}", &exported[..80]);

        let server = Server::serve(&place.backend);
        let token = server.log_in("two", "keeper").token().to_owned();
        let remote = |arguments: &[&str], code: i32| {
            let target = ["--tenant", "two", "--url", &server.url, "--token", &token];
            let arguments: Vec<&str> = arguments.iter().copied().chain(target).collect();
            run(None, code, &arguments)
        };
        remote(&["import", &path("sites.csv"), "--object", "site"], 0);
        let loaded = remote(&["import", &path("one.csv"), "--object", "machine", "--on-conflict", "tag"], 0);
        assert_eq!(loaded["created"], 1_200, "{loaded}");
        remote(&["export", &path("two.csv"), "--object", "machine", "--query", query], 0);
        assert_eq!(fs::read_to_string(path("two.csv")).unwrap(), exported);
        let refused = remote(&["import", &path("sites.csv"), "--object", "site", "--errors", &path("no.csv")], 1);
        assert_eq!((&refused["created"], &refused["refused"]), (&json!(0), &json!(2)), "{refused}");
        assert_eq!(fs::read_to_string(path("no.csv")).unwrap().lines().count(), 3);
    }
}

#[test]
fn a_file_in_the_encoding_and_the_words_of_the_country_is_understood() {
    let place = Place::sqlite();
    place.tenant("acme", "workshop");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("机器.csv").display().to_string();
    // 标签 is no label of the workshop: columns are named on the command line.
    // 标签,名称,备用 · M-1,磨床,是 · M-2,"锯，大",否
    let text = b"\xb1\xea\xc7\xa9,\xc3\xfb\xb3\xc6,\xb1\xb8\xd3\xc3\x0d\x0aM-1,\xc4\xa5\xb4\xb2,\xca\xc7\x0d\x0aM-2,\x22\xbe\xe2\xa3\xac\xb4\xf3\x22,\xb7\xf1\x0d\x0a";
    fs::write(&path, text).unwrap();
    let import = ["import", &path, "--object", "machine", "--columns", "tag,title,is_spare", "--tenant", "acme"];
    let unknown = run(Some(&place), 1, &import);
    assert!(unknown["error"].as_str().unwrap().contains("--charset"), "{unknown}");
    let arguments: Vec<&str> = import.iter().copied().chain(["--charset", "gb18030"]).collect();
    assert_eq!(run(Some(&place), 0, &arguments)["created"], 2);
    let out = folder.path().join("out.ndjson").display().to_string();
    let export =
        ["export", &out, "--object", "machine", "--query", "select=tag,title,is_spare&order=tag", "--tenant", "acme"];
    run(Some(&place), 0, &export);
    let expected = "{\"tag\":\"M-1\",\"title\":\"磨床\",\"is_spare\":true}\n{\"tag\":\"M-2\",\"title\":\"锯，大\",\"is_spare\":false}\n";
    assert_eq!(fs::read_to_string(&out).unwrap(), expected);
}
