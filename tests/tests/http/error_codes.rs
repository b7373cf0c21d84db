//! The `type` of every problem leads to a page that explains it. That each code has one of these files is held beside
//! the table of codes.

use std::path::Path;

use trellis_tests::client::Client;
use trellis_tests::server::Server;
use trellis_tests::site::Place;

#[test]
fn every_type_is_an_address_with_a_page() {
    let place = Place::sqlite();
    place.tenant("inside", "workshop");
    let server = Server::serve(&place.backend);
    let anybody = Client::new(&server.url);
    let refused = anybody.get("/t/inside/api/v1/machine").expect(401).json();
    let listed = anybody.get("/docs/errors/").expect(200).text;
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors")).unwrap();
    for file in files {
        let path = file.unwrap().path();
        let address = format!("/docs/errors/{}", path.file_stem().unwrap().to_string_lossy());
        let page = anybody.get(&address).expect(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert!(page.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'none'")));
        assert!(page.text.contains("<html lang=\"en\">") && page.text.contains("What to do"), "{}", page.text);
        assert!(listed.contains(&format!("href=\"{address}\"")), "{address} is not listed");
    }
    let address = refused["type"].as_str().unwrap();
    for (language, tag, title) in [("zh-CN", "zh-CN", "需要登录"), ("zh-TW,en;q=0.5", "zh-TW", "需要登入")] {
        let page = anybody.send("GET", address, &[("accept-language", language)], None).expect(200).text;
        assert!(page.contains(&format!("<html lang=\"{tag}\">")) && page.contains(title), "{page}");
        assert!(!page.contains("What to do"), "{page}");
    }
    for nothing in ["/docs/errors/nothing", "/docs/errors/..%2Fstyle", "/docs/errors/unknown_field.md"] {
        anybody.get(nothing).expect(404);
    }
}
