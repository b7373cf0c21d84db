//! A member with a session who looks at pages and fills in forms, without script.

use crate::client::{Answer, Client};
use crate::server::Server;
use crate::site::PASSWORD;

pub struct Browser {
    client: Client,
    pub session: String,
    csrf: String,
}

impl Browser {
    /// Logs in as `<name>@<tenant>.test`.
    pub fn log_in(server: &Server, tenant: &str, name: &str) -> Self {
        let client = Client::new(&server.url);
        let form = format!("_csrf=any&email={name}%40{tenant}.test&password={PASSWORD}");
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("cookie", "trellis_login=any")];
        let answer = client.send_text("POST", &format!("/t/{tenant}/login"), &headers, Some(&form)).expect(303);
        let session = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next()).unwrap_or_default();
        let mut browser = Self { client, session: session.to_owned(), csrf: String::new() };
        let page = browser.get(&format!("/t/{tenant}/app/notifications")).expect(200).text;
        let token = page.split("name=\"_csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        token.expect("a page with a form").clone_into(&mut browser.csrf);
        browser
    }

    pub fn get(&self, path: &str) -> Answer {
        self.client.send("GET", path, &[("cookie", &self.session), ("accept", "text/html")], None)
    }

    /// Sends a form with files, as a browser encodes it: pairs first, then name, file name and bytes of each file.
    pub fn submit_files(&self, path: &str, pairs: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answer {
        self.submit_parts(path, &self.csrf, pairs, files)
    }

    /// As [`submit_files`](Self::submit_files), from a page of this session or not.
    pub fn submit_parts(
        &self,
        path: &str,
        csrf: &str,
        pairs: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let mut body = Vec::new();
        for (name, value) in [("_csrf", csrf)].iter().chain(pairs) {
            let head = format!("--limit\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(head.into_bytes());
        }
        for (name, file, bytes) in files {
            let disposition = format!("form-data; name=\"{name}\"; filename=\"{file}\"");
            body.extend(format!("--limit\r\ncontent-disposition: {disposition}\r\n\r\n").into_bytes());
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--limit--\r\n");
        let headers = [("content-type", "multipart/form-data; boundary=limit"), ("cookie", self.session.as_str())];
        self.client.try_send_bytes("POST", path, &headers, Some(&body)).expect("the server answers")
    }

    /// Sends the form with what shows that it was shown; `None` when there was no answer.
    pub fn submit(&self, path: &str, body: &[u8]) -> Option<Answer> {
        let cookies = format!("{}; trellis_login={}", self.session, self.csrf);
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("cookie", &cookies)];
        let body = [format!("_csrf={}&", self.csrf).as_bytes(), body].concat();
        self.client.try_send_bytes("POST", path, &headers, Some(&body))
    }
}
