//! Somebody on the pages: a session, and the token that its forms carry.

use axum::http::header;
use serde_json::Value;
use zhihui::domain::Role;

use crate::harness::{Answer, TestApp};

pub struct Desk<'a> {
    pub app: &'a TestApp,
    pub cookie: String,
    pub csrf: String,
}

impl<'a> Desk<'a> {
    pub async fn new(app: &'a TestApp, cookie: String) -> Self {
        let csrf = app.csrf(&cookie).await;
        Self { app, cookie, csrf }
    }

    pub async fn of(app: &'a TestApp, role: Role) -> Self {
        Self::new(app, app.role(role).await).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.app.get(path).cookie(&self.cookie).send().await
    }

    /// The text of a page that is there.
    pub async fn page(&self, path: &str) -> String {
        self.get(path).await.expect(200).text()
    }

    pub async fn json(&self, path: &str) -> Value {
        self.get(path).await.expect(200).json()
    }

    /// Sends a form as its page would.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<_> = [("csrf", self.csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.app.ask("POST", path).cookie(&self.cookie).form(&fields).send().await
    }

    /// Sends a form and follows to where it leads, which must be there.
    pub async fn done(&self, path: &str, fields: &[(&str, &str)], place: &str) {
        let answer = self.send(path, fields).await.expect(303);
        assert_eq!(location(&answer), place);
        self.get(place).await.expect(200);
    }

    /// Sends a form with files, as a browser does: name of the field, name of the file (empty where
    /// none was chosen), content.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in [("csrf", self.csrf.as_str())].iter().chain(fields) {
            body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        for (field, file, content) in files {
            let head = format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{file}\"\r\n\r\n");
            body.extend(head.bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--b--\r\n");
        let ask = self.app.ask("POST", path).cookie(&self.cookie);
        ask.header("content-type", "multipart/form-data; boundary=b").body(body).send().await
    }
}

/// Where an answer leads.
pub fn location(answer: &Answer) -> String {
    answer.header(header::LOCATION)
}
