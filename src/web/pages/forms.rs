//! Forms of pages: sent by a page of this session only, done once, never lost.
//!
//! Every form carries two hidden fields (macro `guard` in `parts.html`): `csrf`, made from the
//! session's token, which visitors have none of, and `once`, a random key. What was done
//! under a key is answered again with the same redirect: a double click, a reload and the way back
//! do nothing twice. Where the session has ended meanwhile, or is another one, what was typed is
//! carried through signing in and sent again by the person.

use std::time::Duration;

use askama::Template;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::frame::Frame;
use super::page;
use crate::app::imports::SentFile;
use crate::app::{Actor, AppError, secrets};
use crate::domain::FieldProblem;
use crate::domain::hex::hex;
use crate::store::{Claimed, KeptAnswer};
use crate::web::error::{PageError, Problem};
use crate::web::extract::{MaybeSigned, SESSION, cookie};
use crate::web::{BODY_MAX, Shared, UPLOAD_MAX};

/// Header in which scripts send the token.
const CSRF_HEADER: &str = "x-csrf-token";
/// Whose keys those of visitors are; ids of accounts are UUIDs.
const VISITOR: &str = "visitor";
/// Fields that are not sent again.
const NOT_CARRIED: [&str; 6] = ["csrf", "once", "password", "present", "new", "again"];
/// Bytes of a form with files within which the fields that guard it stand.
const HEAD_MAX: usize = 4096;
/// Longest key.
const ONCE_MAX: usize = 64;
/// How long a second sending of a form waits for the first.
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(50);

/// The token that forms of this session carry.
pub fn token(session: &str) -> String {
    let hash = secrets::digest(format!("csrf {session}"));
    hex(&hash[..16])
}

/// What a form sent, `csrf` and `once` left out. Fields that occur several times are a `Vec`.
#[derive(Debug, Clone)]
pub struct Sent<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Sent<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, _: &Shared) -> Result<Self, PageError> {
        let body = to_bytes(request.into_body(), BODY_MAX).await.map_err(|_| broken("没有完整收到"))?;
        if body.windows(3).any(|w| w == b"%00") {
            return Err(nul().into());
        }
        let read = serde_html_form::from_bytes(&body);
        read.map(Self).map_err(|error| broken(&error.to_string()).into())
    }
}

fn broken(what: &str) -> AppError {
    AppError::invalid("", "bad-form", format!("表单内容不合格式（{what}）：请返回上一页重新填写"))
}

/// No database keeps it alike.
fn nul() -> AppError {
    broken("文字中有空字符（NUL）")
}

/// Problems of a form's fields, for the template that shows them beside the fields.
#[derive(Debug, Clone, Default)]
pub struct Problems(Vec<FieldProblem>);

impl Problems {
    /// What a person can mend: what is wrong with fields, and what contradicts what is there, which
    /// stands on top of the form. Another error goes on.
    ///
    /// # Errors
    /// Any other.
    pub fn of(error: AppError) -> Result<Self, AppError> {
        match error {
            AppError::Invalid(problems) => Ok(Self(problems)),
            AppError::Conflict { code, message } => Ok(Self(vec![FieldProblem::new("", code, message)])),
            other => Err(other),
        }
    }

    /// As [`Self::of`]; where somebody else was quicker, `stale` says so on top.
    ///
    /// # Errors
    /// Any other.
    pub fn or_stale(error: AppError, stale: &str) -> Result<Self, AppError> {
        match error {
            AppError::Stale => Ok(Self(vec![FieldProblem::new("", "stale", stale)])),
            other => Self::of(other),
        }
    }

    /// The same, those of no field at this one.
    #[must_use]
    pub fn or_at(self, field: &str) -> Self {
        let at = |p: FieldProblem| if p.field.is_empty() { FieldProblem { field: field.to_owned(), ..p } } else { p };
        Self(self.0.into_iter().map(at).collect())
    }

    /// Those of one field at another, which the page has it under.
    #[must_use]
    pub fn moved(mut self, from: &str, to: &str) -> Self {
        for problem in self.0.iter_mut().filter(|problem| problem.field == from) {
            problem.field = to.to_owned();
        }
        self
    }

    /// Those of the items of a list as those of the list: `keywords[2]` as `keywords`.
    #[must_use]
    pub fn of_lists(mut self) -> Self {
        for problem in &mut self.0 {
            problem.field.truncate(problem.field.find('[').unwrap_or(problem.field.len()));
        }
        self
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with a field.
    pub fn at(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|p| p.field == field).map(|p| p.message.as_str())
    }

    /// Whether something is wrong in this way.
    pub fn has(&self, code: &str) -> bool {
        self.0.iter().any(|p| p.code == code)
    }

    pub fn all(&self) -> &[FieldProblem] {
        &self.0
    }

    /// 422 if there is a problem, else 200.
    pub fn status(&self) -> StatusCode {
        if self.0.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
    }
}

impl From<Vec<FieldProblem>> for Problems {
    fn from(problems: Vec<FieldProblem>) -> Self {
        Self(problems)
    }
}

/// The file of a form, the field `file`.
///
/// # Errors
/// [`AppError::Invalid`] where there is none, or it did not come whole.
pub async fn sent_file(form: Result<Multipart, MultipartRejection>) -> Result<SentFile, AppError> {
    let (IgnoredAny, file) = sent_form(form).await?;
    file.ok_or_else(|| AppError::invalid("file", "missing-value", "还没有选文件：请先选择一个文件，再点上传"))
}

/// What a form with a file sent, and the file of the field `file` where one was chosen.
///
/// # Errors
/// [`AppError::Invalid`] where it did not come whole.
pub async fn sent_form<T: DeserializeOwned>(
    form: Result<Multipart, MultipartRejection>,
) -> Result<(T, Option<SentFile>), AppError> {
    let incomplete = || AppError::invalid("file", "broken-body", "表单没有完整收到，没有保存：请重新填写并选择文件");
    let (mut form, mut fields, mut file) = (form.map_err(|_| incomplete())?, Vec::new(), None);
    while let Some(field) = form.next_field().await.map_err(|_| incomplete())? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let name = field.file_name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(|_| incomplete())?.to_vec();
            file = Some(SentFile { name, bytes }).filter(|file| !(file.name.is_empty() && file.bytes.is_empty()));
        } else {
            let text = field.text().await.map_err(|_| incomplete())?;
            if text.contains('\0') {
                return Err(nul());
            }
            fields.push((name, text));
        }
    }
    let fields = serde_html_form::to_string(fields).map_err(|error| broken(&error.to_string()))?;
    let fields = serde_html_form::from_str(&fields).map_err(|error| broken(&error.to_string()))?;
    Ok((fields, file))
}

/// On to the page that shows what was done; `done` is a code of the frame, or nothing.
pub fn see(path: &str, done: &str) -> Response {
    let joint = if path.contains('?') { '&' } else { '?' };
    let target = if done.is_empty() { path.to_owned() } else { format!("{path}{joint}done={done}") };
    Redirect::to(&target).into_response()
}

/// Lets forms of this session through, each of them once.
pub async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let actor = parts.extensions.get::<MaybeSigned>().and_then(|signed| signed.0.clone());
    let max = if is_multipart(&parts.headers) { UPLOAD_MAX } else { BODY_MAX };
    let Ok(body) = to_bytes(body, max).await else {
        let title = format!("提交的内容超过 {} MB，或没有完整收到：请减少后再试", max >> 20);
        return super::problem(&Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", title));
    };
    let hidden = Hidden::of(&parts.headers, &body).await;
    let session = cookie(&parts.headers, SESSION).unwrap_or_default();
    // A token in the header Authorization is sent by no page.
    let needs_token = actor.is_some() && !parts.headers.contains_key(header::AUTHORIZATION);
    if needs_token && hidden.csrf != token(session) {
        let frame = Frame::of(actor, Some(session), &parts.uri);
        return resend(frame, StatusCode::FORBIDDEN, &parts.uri, &parts.headers, &body);
    }
    let account = actor.map_or_else(|| VISITOR.to_owned(), |actor| actor.account);
    let mut request = Request::from_parts(parts, Body::from(body.clone()));
    DefaultBodyLimit::max(max).apply(&mut request);
    match hidden.once.filter(|key| (1..=ONCE_MAX).contains(&key.len())) {
        None => next.run(request).await,
        Some(key) => once(shared, account, key, &body, request, next).await.unwrap_or_else(IntoResponse::into_response),
    }
}

/// The fields that guard a form.
#[derive(Debug, Default)]
struct Hidden {
    csrf: String,
    once: Option<String>,
}

impl Hidden {
    /// In a form with files the two come before all others.
    async fn of(headers: &HeaderMap, body: &Bytes) -> Self {
        let mut hidden = Self::default();
        if is_multipart(headers) {
            // They are at its beginning; a large body would be refused whole.
            let mut request = Request::new(Body::from(body.slice(..body.len().min(HEAD_MAX))));
            request.headers_mut().extend(headers.get(header::CONTENT_TYPE).map(|v| (header::CONTENT_TYPE, v.clone())));
            let Ok(mut form) = Multipart::from_request(request, &()).await else { return hidden };
            while let Ok(Some(field)) = form.next_field().await {
                match field.name() {
                    Some("csrf") => hidden.csrf = field.text().await.unwrap_or_default(),
                    Some("once") => hidden.once = field.text().await.ok(),
                    _ => break,
                }
            }
        } else {
            let pairs: Vec<(String, String)> = serde_html_form::from_bytes(body).unwrap_or_default();
            for (name, value) in pairs {
                match name.as_str() {
                    "csrf" => hidden.csrf = value,
                    "once" => hidden.once = Some(value),
                    _ => {}
                }
            }
        }
        if let Some(csrf) = headers.get(CSRF_HEADER).and_then(|v| v.to_str().ok()) {
            hidden.csrf = csrf.to_owned();
        }
        hidden
    }
}

fn is_multipart(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"))
}

/// What a form holds: the boundary between the parts of one with files is another at each sending.
fn without_boundary(headers: &HeaderMap, body: &Bytes) -> Vec<u8> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = kind.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
    let Some(boundary) = boundary.map(|text| text.trim_matches('"')).filter(|text| !text.is_empty()) else {
        return body.to_vec();
    };
    let (mut content, mut from) = (Vec::with_capacity(body.len()), 0);
    for at in memchr::memmem::find_iter(body, boundary) {
        content.extend_from_slice(&body[from..at]);
        from = at + boundary.len();
    }
    content.extend_from_slice(&body[from..]);
    content
}

/// Does what a form asks for under its key once; whoever sends it again is led to the same place.
async fn once(
    shared: Shared,
    account: String,
    key: String,
    body: &Bytes,
    request: Request,
    next: Next,
) -> Result<Response, PageError> {
    // Changed and sent again after the way back it is another request, which is done once too: its
    // content is a part of its key.
    let content = without_boundary(request.headers(), body);
    let hash = secrets::digest([address(request.uri()).as_bytes(), &[0], &content].concat());
    let key = format!("form {key} {}", hex(hash));
    let begun = std::time::Instant::now();
    loop {
        match shared.app.once_claim(&account, &key, &hash).await? {
            // Another request has another key.
            Claimed::New | Claimed::OtherRequest => break,
            Claimed::Before(KeptAnswer { status: 0, .. }) if begun.elapsed() < PATIENCE => {
                tokio::time::sleep(GLANCE).await;
            }
            Claimed::Before(answer) => {
                let place =
                    answer.location.ok_or_else(|| AppError::conflict("under-way", "同一份表单正在处理，请稍后查看"))?;
                return Ok(Redirect::to(&place).into_response());
            }
        }
    }
    // What the browser hangs up on is done all the same.
    let work = tokio::spawn(async move {
        let response = next.run(request).await;
        let place = response.headers().get(header::LOCATION).and_then(|v| v.to_str().ok()).map(str::to_owned);
        match place.filter(|_| response.status() == StatusCode::SEE_OTHER) {
            Some(place) => {
                let answer = KeptAnswer { status: 303, location: Some(place), etag: None, body: String::new() };
                shared.app.once_keep(&account, &key, &answer).await?;
            }
            None => shared.app.once_release(&account, &key).await?,
        }
        Ok::<_, AppError>(response)
    });
    Ok(work.await.map_err(|e| AppError::Internal(e.to_string()))??)
}

#[derive(Template)]
#[template(path = "resend.html", config = "src/web/askama.toml")]
struct Resend<'a> {
    frame: Frame,
    path: &'a str,
    fields: Vec<(String, String)>,
    has_files: bool,
}

/// Asks the person to send a form again that came from a page of an older session.
fn resend(frame: Frame, status: StatusCode, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Response {
    let has_files = is_multipart(headers);
    let fields = if has_files { Vec::new() } else { typed(body) };
    page(status, &Resend { frame, path: address(uri), fields, has_files })
}

/// Path and query.
fn address(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |address| address.as_str())
}

/// What was typed, without what guards the form, and without passwords: no page sends one back.
fn typed(body: &Bytes) -> Vec<(String, String)> {
    let pairs: Vec<(String, String)> = serde_html_form::from_bytes(body).unwrap_or_default();
    pairs.into_iter().filter(|(name, _)| !NOT_CARRIED.contains(&name.as_str())).collect()
}

/// The page to sign in that carries on with a form which came without a session.
pub async fn sign_in_first(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let form = !is_multipart(&parts.headers);
    let body = to_bytes(body, if form { BODY_MAX } else { 0 }).await.unwrap_or_default();
    let typed = serde_html_form::to_string(typed(&body)).unwrap_or_default();
    super::sign_in::carry_on(address(&parts.uri), &typed)
}

/// The form that was carried through signing in, to be sent by the person; its token is that of the
/// new session.
pub fn carried(actor: Actor, session: &str, path: &str, typed: &str) -> Response {
    let fields = serde_html_form::from_str(typed).unwrap_or_default();
    let frame = Frame::of(Some(actor), Some(session), &Uri::default());
    page(StatusCode::OK, &Resend { frame, path, fields, has_files: false })
}
