//! A plain HTTP client that remembers its token and keeps status, headers and body together.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// Bytes of an answer that are read.
const MAX_ANSWER: u64 = 100_000_000;

#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    url: String,
    token: Option<String>,
}

pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub text: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.text))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn holds_in_a_header(&self, text: &str) -> bool {
        self.headers.iter().any(|(name, value)| name.contains(text) || value.contains(text))
    }

    /// Fails the test with the body unless the status is the expected one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The problem code of an error answer.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Client {
    pub fn new(url: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build()
            .into();
        Self { agent, url: url.to_owned(), token: None }
    }

    /// Logs in and keeps the token.
    pub fn log_in(url: &str, tenant: &str, email: &str, password: &str) -> Self {
        let client = Self::new(url);
        let body = json!({ "tenant": tenant, "email": email, "password": password });
        let answer = client.send("POST", "/auth/v1/token", &[], Some(&body)).expect(200).json();
        client.with_token(answer["access_token"].as_str().unwrap_or_default())
    }

    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// The same caller at another address.
    #[must_use]
    pub fn at(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }

    /// What shows who calls; empty for nobody.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], Some(body))
    }

    /// POST that asks for the written record.
    pub fn create(&self, path: &str, body: &Value) -> Answer {
        self.send(
            "POST",
            path,
            &[("prefer", "return=representation"), ("accept", "application/vnd.pgrst.object+json")],
            Some(body),
        )
    }

    pub fn patch(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        self.send("PATCH", path, headers, Some(body))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None)
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        self.send_text(method, path, headers, body.map(ToString::to_string).as_deref())
    }

    pub fn send_text(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        self.exchange(method, path, headers, body.map(str::as_bytes)).expect("the server answers")
    }

    /// POST to a server that may go away meanwhile; `None` when there was no answer.
    pub fn try_post(&self, path: &str, body: &Value) -> Option<Answer> {
        self.try_send("POST", path, &[], &body.to_string())
    }

    /// Any request to such a server.
    pub fn try_send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
        self.try_send_bytes(method, path, headers, Some(body.as_bytes()))
    }

    /// As [`try_send`](Self::try_send) with a body that need not be text.
    pub fn try_send_bytes(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Option<Answer> {
        self.exchange(method, path, headers, body).ok()
    }

    /// Opens a stream of events; fails unless it is one.
    #[track_caller]
    pub fn follow(&self, path: &str, last: Option<&str>) -> Events {
        let mut request = self.agent.get(format!("{}{path}", self.url)).header("authorization", self.bearer());
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.call().expect("the server answers");
        assert_eq!(response.status(), 200);
        Events::read(response.into_body().into_reader())
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token())
    }

    fn exchange(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if body.is_some() && headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("content-type")) {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.unwrap_or_default()).expect("a well-formed request");
        let mut response = self.agent.run(request)?;
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let headers = headers.collect();
        let bytes = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec().unwrap_or_default();
        let text = String::from_utf8(bytes.clone()).unwrap_or_default();
        Ok(Answer { status: response.status().as_u16(), headers, text, bytes })
    }
}

/// What a stream of events tells, as it comes.
pub struct Events {
    told: Receiver<Told>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub id: String,
    pub kind: String,
    pub data: Value,
}

impl Events {
    fn read(body: impl Read + Send + 'static) -> Self {
        let (sender, told) = channel();
        std::thread::spawn(move || {
            let mut event = (String::new(), String::new(), String::new());
            for line in BufReader::new(body).lines().map_while(Result::ok) {
                match line.split_once(": ") {
                    Some(("id", id)) => id.clone_into(&mut event.0),
                    Some(("event", kind)) => kind.clone_into(&mut event.1),
                    Some(("data", data)) => event.2.push_str(data),
                    _ if line.is_empty() && !event.1.is_empty() => {
                        let (id, kind, data) = std::mem::take(&mut event);
                        let data = serde_json::from_str(&data).expect("data of an event is JSON");
                        if sender.send(Told { id, kind, data }).is_err() {
                            return;
                        }
                    }
                    _ => {}
                }
            }
        });
        Self { told }
    }

    /// The next event, waited for; nothing when the stream ended.
    pub fn next(&self) -> Option<Told> {
        match self.told.recv_timeout(Duration::from_secs(60)) {
            Ok(told) => Some(told),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => None,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("no event came within a minute"),
        }
    }

    /// The next event, which is of this kind.
    #[track_caller]
    pub fn expect(&self, kind: &str) -> Told {
        let told = self.next().expect("the stream goes on");
        assert_eq!(told.kind, kind, "{told:?}");
        told
    }
}
