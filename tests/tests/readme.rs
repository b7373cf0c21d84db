//! The commands of the README's tour, run as they are written against a demo of their own.

use std::path::Path;
use std::process::Command;

use trellis_tests::server::{Backend, Server, binary};

#[test]
fn the_tour_works_as_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::demo(&Backend::Sqlite(data.clone()));
    let address = server.url.trim_start_matches("http://");
    let script = tour(&readme).replace("127.0.0.1:8080", address).replace("data/demo", &data.display().to_string());

    let path = format!("{}:{}", binary().parent().unwrap().display(), std::env::var("PATH").unwrap());
    let run = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(&root)
        .env("PATH", path)
        .output()
        .unwrap();
    let (shown, errors) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));

    assert!(run.status.success(), "{shown}\n{errors}");
    for expected in ["no findings", "\"first_year_cost\":\"1626.00\"", "rule_violated", "may not read cooler"] {
        assert!(shown.contains(expected), "{expected} is missing in\n{shown}\n{errors}");
    }
}

/// The blocks marked as the tour, one after the other.
fn tour(readme: &str) -> String {
    let blocks = readme.split("```bash tour\n").skip(1);
    blocks.filter_map(|block| block.split("```").next()).collect()
}
