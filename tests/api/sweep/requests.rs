//! Requests from the description: mostly right, so that they get deep, then broken somewhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, Uri};
use serde_json::{Map, Value, json};

use super::random::{LONE_SURROGATE, Random};
use crate::harness::Answer;

/// Ids, by the collection that they were seen in, and versions.
pub struct Known {
    ids: BTreeMap<String, Vec<String>>,
    tags: Vec<String>,
}

impl Known {
    pub fn new(talents: impl Iterator<Item = String>) -> Self {
        Self { ids: BTreeMap::from([("talents".into(), talents.collect())]), tags: vec!["\"v1\"".into()] }
    }

    /// Remembers what an answer of a path tells.
    pub fn learn(&mut self, path: &str, answer: &Answer) {
        /// Older ones are forgotten, so that new things are asked for too.
        const KEPT: usize = 60;
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return };
        let mut found = Vec::new();
        ids(&body, &mut found);
        let pool = self.ids.entry(collection(path)).or_default();
        pool.extend(found.into_iter().take(8));
        let tag = answer.header(axum::http::header::ETAG);
        self.tags.extend(Some(tag).filter(|t| !t.is_empty()));
        for list in [pool, &mut self.tags] {
            let old = list.len().saturating_sub(KEPT);
            list.drain(..old);
        }
    }

    /// An id of the collection, or now and then of another.
    fn id(&self, collection: &str, random: &mut Random) -> String {
        let pools: Vec<&Vec<String>> = self.ids.values().filter(|pool| !pool.is_empty()).collect();
        let own = self.ids.get(collection).filter(|pool| !pool.is_empty() && !random.one_in(8));
        let pool = own.unwrap_or_else(|| random.of::<&Vec<String>>(&pools));
        random.of::<String>(pool).clone()
    }
}

/// The last part of a path that is no parameter and no verb on one thing.
fn collection(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    let named = parts.iter().rev().find(|p| p.ends_with('s') && !p.starts_with('{'));
    named.copied().unwrap_or_default().to_owned()
}

fn ids(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Value::Object(fields) => {
            found.extend(fields.get("id").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| ids(value, found));
        }
        _ => {}
    }
}

/// One method of one path.
pub struct Operation {
    pub path: String,
    method: String,
    described: Value,
}

/// All operations of the description.
pub fn operations(description: &Value) -> Vec<Operation> {
    let paths = description["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &Value)| {
        let methods = item.as_object().unwrap().iter();
        let of_method = |(method, described): (&String, &Value)| Operation {
            path: path.clone(),
            method: method.to_uppercase(),
            described: described.clone(),
        };
        methods.map(of_method).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

impl Operation {
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn ends_sessions(&self) -> bool {
        self.path.starts_with("/api/v1/session") && self.method != "GET"
    }

    /// A request, and how it is told of when it fails; `None` if no client could send it.
    pub fn request(
        &self,
        description: &Value,
        known: &Known,
        random: &mut Random,
        cookie: Option<&str>,
    ) -> Option<(String, Request<Body>)> {
        let uri = self.address(description, known, random);
        let mut shown = format!("{} {uri}", self.method);
        let mut request = Request::builder().method(self.method.as_str()).uri(uri.parse::<Uri>().ok()?);
        let mut headers = vec![("host", b"zhihui.test".to_vec())];
        headers.extend(cookie.map(|c| ("cookie", c.as_bytes().to_vec())));
        headers.extend(odd_headers(known, random));
        let content = self.described["requestBody"]["content"].as_object();
        let (kind, body) = match content.and_then(|c| c.iter().next()) {
            Some((kind, media)) => self.body(kind, &media["schema"], description, known, random),
            None if random.one_in(4) => ("application/json".into(), b"{\"unasked\": 1}".to_vec()),
            None => (String::new(), Vec::new()),
        };
        if !kind.is_empty() {
            headers.push(("content-type", kind.into_bytes()));
        }
        for (name, value) in headers {
            let _ = write!(shown, "\n{name}: {}", String::from_utf8_lossy(&value));
            request = request.header(HeaderName::from_static(name), HeaderValue::from_bytes(&value).ok()?);
        }
        let end = body.len().min(2_000);
        let _ = write!(shown, "\n\n{}", String::from_utf8_lossy(&body[..end]));
        Some((shown, request.body(Body::from(body)).ok()?))
    }

    fn address(&self, description: &Value, known: &Known, random: &mut Random) -> String {
        let mut path = String::new();
        let mut before = "";
        for part in self.path.split('/').skip(1) {
            path.push('/');
            match part.starts_with('{') {
                true if random.one_in(6) => path.push_str(&encoded(&random.nasty(), random)),
                true => path.push_str(&encoded(&known.id(before, random), random)),
                false => path.push_str(part),
            }
            before = part;
        }
        let mut query = Vec::new();
        for parameter in self.described["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] != "query" || random.one_in(2) {
                continue;
            }
            let value = match random.one_in(3) {
                true => random.nasty(),
                false => text(&generate(&parameter["schema"], description, known, random, 0)),
            };
            query.push(format!("{}={}", parameter["name"].as_str().unwrap(), encoded(&value, random)));
        }
        if random.one_in(20) {
            query.push(
                (*random.of(&["%zz", "limit=1&limit=2", "&&==", "after", "x%00=1", "limit=-1", "%ff=%fe"])).into(),
            );
        }
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    fn body(
        &self,
        kind: &str,
        schema: &Value,
        description: &Value,
        known: &Known,
        random: &mut Random,
    ) -> (String, Vec<u8>) {
        if kind != "application/json" {
            return files(kind, random);
        }
        let mut value = generate(schema, description, known, random, 0);
        if random.one_in(3) {
            spoil(&mut value, random);
        }
        let text = value.to_string().replace(LONE_SURROGATE, "\\ud800");
        let mut bytes = text.into_bytes();
        match random.below(30) {
            0 => bytes.truncate(bytes.len() / 2),
            1 => bytes.insert(bytes.len() / 2, 0xff),
            2 => bytes = [vec![b'['; 20_000], bytes].concat(),
            3 => bytes.extend_from_slice(b"{}"),
            4 => bytes = [b"\xef\xbb\xbf".to_vec(), bytes].concat(),
            5 => bytes.clear(),
            _ => {}
        }
        const KINDS: &[&str] =
            &["text/plain", "application/xml", "multipart/form-data", "application/json; charset=gbk", ";"];
        let kind = if random.one_in(20) { *random.of(KINDS) } else { "application/json" };
        (kind.to_owned(), bytes)
    }
}

/// A body that carries a file.
fn files(kind: &str, random: &mut Random) -> (String, Vec<u8>) {
    let heads: &[&[u8]] =
        &[b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"", b"{\"id\":\"a\"}\n", b"a,b\n1,2\n"];
    let mut content = (*random.of(heads)).to_vec();
    content.extend((0..random.below(200)).map(|_| random.next() as u8));
    if !kind.starts_with("multipart/") {
        return (kind.to_owned(), content);
    }
    let names = ["a.pdf", "人才.xlsx", "x.jsonl", "../../e.csv", "", "\u{202e}fdp.exe"];
    let mut body = Vec::new();
    for _ in 0..random.below(3) {
        let (field, name) = (*random.of(&["file", "talents", "evidence", "x"]), *random.of(&names));
        let head = format!("--b\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&content);
        body.extend_from_slice(b"\r\n");
    }
    if !random.one_in(5) {
        body.extend_from_slice(b"--b--\r\n");
    }
    let boundary = if random.one_in(8) { "" } else { "; boundary=b" };
    (format!("multipart/form-data{boundary}"), body)
}

fn odd_headers(known: &Known, random: &mut Random) -> Vec<(&'static str, Vec<u8>)> {
    let mut headers = Vec::new();
    match random.below(6) {
        0 => {}
        1 => headers
            .push(("if-match", (*random.of(&["*", "\"v\"", "W/\"v1\"", "\"v99999999999999999999\"", "x"])).into())),
        _ => headers.push(("if-match", random.of(&known.tags).clone().into_bytes())),
    }
    if random.one_in(6) {
        let keys = [
            "k",
            "",
            "\u{e9}",
            "k k",
            "'",
            "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
        ];
        headers.push(("idempotency-key", (*random.of(&keys)).as_bytes().to_vec()));
    }
    if random.one_in(20) {
        let odd: &[(&str, &[u8])] = &[
            ("authorization", b"Bearer \xff\xfe"),
            ("authorization", b"Basic x"),
            ("cookie", b"zhihui_session=\xff; ; =;"),
            ("accept", b"application/xml;q=\xff"),
            ("accept-encoding", b"gzip, br, \xff"),
            ("x-request-id", b"\xff\xff"),
            ("x-forwarded-for", b"999.1.1.1, \xff"),
            ("origin", b"null"),
            ("sec-fetch-site", b"\xff"),
            ("range", b"bytes=9-1"),
            ("if-none-match", b"*"),
            ("expect", b"the impossible"),
        ];
        let (name, value) = *random.of(odd);
        headers.push((name, value.to_vec()));
    }
    headers
}

/// A value as the schema wants it, as far as that can be told from the schema.
fn generate(schema: &Value, description: &Value, known: &Known, random: &mut Random, depth: usize) -> Value {
    if depth > 6 {
        return Value::Null;
    }
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.trim_start_matches('#');
        let target = description.pointer(pointer).unwrap_or_else(|| panic!("{name} leads nowhere"));
        return generate(target, description, known, random, depth + 1);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[choice].as_array().filter(|c| !c.is_empty()) {
            return generate(random.of(choices), description, known, random, depth + 1);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(fields) = generate(part, description, known, random, depth + 1) {
                whole.extend(fields);
            }
        }
        return Value::Object(whole);
    }
    if let Some(values) = schema["enum"].as_array().filter(|v| !v.is_empty()) {
        return random.of(values).clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => random.of(kinds).as_str().unwrap_or_default(),
        kind => kind.as_str().unwrap_or_default(),
    };
    match kind {
        "object" => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let fields = schema["properties"].as_object().into_iter().flatten();
            let mut object = Map::new();
            for (name, field) in fields {
                if required.contains(&json!(name)) || !random.one_in(3) {
                    object.insert(name.clone(), generate(field, description, known, random, depth + 1));
                }
            }
            Value::Object(object)
        }
        "array" => {
            let count = random.below(3);
            (0..count).map(|_| generate(&schema["items"], description, known, random, depth + 1)).collect()
        }
        "integer" => json!(*random.of(&[0_i64, 1, 2, 3, 20, 100, 2024, 400_000, 3_600_000])),
        "number" => json!(*random.of(&[0.0, 0.5, 1.0, 80.0])),
        "boolean" => json!(random.one_in(2)),
        "null" => Value::Null,
        _ if random.one_in(3) => Value::String(known.id("", random)),
        _ => Value::String(random.plain()),
    }
}

/// Breaks a value somewhere.
fn spoil(value: &mut Value, random: &mut Random) {
    match value {
        Value::Object(fields) if !fields.is_empty() && !random.one_in(8) => {
            let name = fields.keys().nth(random.below(fields.len())).cloned().unwrap_or_default();
            match random.below(5) {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert(random.nasty(), random.value())),
                2 => drop(fields.insert(name, random.value())),
                _ => spoil(&mut fields[&name], random),
            }
        }
        Value::Array(items) if !items.is_empty() && !random.one_in(4) => {
            let place = random.below(items.len());
            match random.below(3) {
                0 => *items = vec![items[place].clone(); random.below(2_000)],
                _ => spoil(&mut items[place], random),
            }
        }
        other => *other = random.value(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Percent-encoded; now and then with bytes that are no UTF-8.
fn encoded(text: &str, random: &mut Random) -> String {
    const LONGEST: usize = 6_000;
    let mut bytes = text.as_bytes().to_vec();
    bytes.truncate(LONGEST);
    if random.one_in(40) {
        bytes.push(0xff);
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    bytes.iter().map(|&b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
