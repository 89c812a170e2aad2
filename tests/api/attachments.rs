//! Attachments over the API: told by what they hold, downloads only, as long as the need is a draft.

use std::io::{Cursor, Write};

use axum::http::header;
use serde_json::{Value, json};
use zhihui::domain::Role;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::harness::{Answer, TestApp};
use crate::needs::{Desk, complete};

const PDF: &[u8] = b"%PDF-1.7\n% \xe2\xe3\xcf\xd3\n";

/// The body of a form with these parts: name, name of the file, content.
fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map(|f| format!("; filename=\"{f}\"")).unwrap_or_default();
        body.extend(format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--edge--\r\n");
    body
}

async fn send(desk: &Desk<'_>, body: Vec<u8>) -> Answer {
    let ask = desk.app.ask("POST", &format!("{}/attachments", desk.path)).cookie(&desk.cookie);
    ask.header("content-type", "multipart/form-data; boundary=edge").body(body).send().await
}

async fn upload(desk: &Desk<'_>, name: &str, content: &[u8]) -> Answer {
    send(desk, form(&[("file", Some(name), content)])).await
}

async fn listed(desk: &Desk<'_>) -> Vec<Value> {
    desk.get("/attachments").await.expect(200).json()["items"].as_array().unwrap().clone()
}

fn workbook() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for part in ["[Content_Types].xml", "xl/workbook.xml"] {
        zip.start_file(part, SimpleFileOptions::default()).unwrap();
        zip.write_all(b"<x/>").unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_file_is_kept_listed_downloaded_and_deleted() {
    let app = TestApp::new().await;
    let desk = Desk::draft(&app, complete()).await;
    let made = upload(&desk, "..\\方案 (1)'终稿'.PDF", PDF).await.expect(201);
    let place = made.header(header::LOCATION);
    let kept = made.json();
    assert_eq!((&kept["name"], &kept["size"]), (&json!("方案 (1)'终稿'.pdf"), &json!(PDF.len())));
    assert_eq!(kept["sha256"].as_str().unwrap().len(), 64);
    upload(&desk, "表.xlsx", &workbook()).await.expect(201);
    assert_eq!(listed(&desk).await.len(), 2);

    let file = app.get(&place).cookie(&desk.cookie).send().await.expect(200);
    assert_eq!(file.body, PDF);
    assert_eq!(file.header(header::CONTENT_TYPE), "application/pdf");
    let disposition = "attachment; filename*=UTF-8''%E6%96%B9%E6%A1%88%20%281%29%27%E7%BB%88%E7%A8%BF%27.pdf";
    assert_eq!(file.header(header::CONTENT_DISPOSITION), disposition);
    assert_eq!(file.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert!(file.header(header::CONTENT_SECURITY_POLICY).starts_with("sandbox"));

    let other = app.other_enterprise().await;
    app.get(&place).cookie(&other).send().await.expect(404);
    app.ask("DELETE", &place).cookie(&other).send().await.expect(404);
    upload(&desk.as_cookie(&other), "a.pdf", PDF).await.expect(404);
    app.get(&place).send().await.expect(401);

    app.ask("DELETE", &place).cookie(&desk.cookie).send().await.expect(204);
    app.get(&place).cookie(&desk.cookie).send().await.expect(404);
    app.ask("DELETE", &place).cookie(&desk.cookie).send().await.expect(404);
    assert_eq!(listed(&desk).await.len(), 1);
}

#[tokio::test]
async fn files_are_fixed_once_the_need_is_submitted() {
    let app = TestApp::new().await;
    let mut desk = Desk::draft(&app, complete()).await;
    let place = upload(&desk, "a.pdf", PDF).await.expect(201).header(header::LOCATION);
    desk.submit().await;
    assert_eq!(upload(&desk, "b.txt", "说明".as_bytes()).await.expect(409).code(), "not-editable");
    let delete = app.ask("DELETE", &place).cookie(&desk.cookie).send().await.expect(409);
    assert_eq!(delete.code(), "not-editable");
    let operator = app.role(Role::Operator).await;
    app.get(&place).cookie(&operator).send().await.expect(200);
}

#[tokio::test]
async fn what_lies_is_too_large_or_too_much_is_refused_and_leaves_nothing() {
    let app = TestApp::new().await;
    let desk = Desk::draft(&app, complete()).await;
    for (name, content, code) in [
        ("a.pdf", &b"MZ\x90\0\x03"[..], "unknown-kind"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n\0", "kind-differs"),
        ("a.png", PDF, "kind-differs"),
        ("a.html", b"<script>alert(1)</script>", "unknown-kind"),
        ("a.svg", b"<svg onload='alert(1)'/>", "unknown-kind"),
        ("a.docx", &workbook(), "kind-differs"),
        ("a.docx", b"PK\x03\x04 broken", "bad-file"),
        ("a.txt", b"\xb2\xe2\xca\xd4", "not-utf-8"),
        ("a.pdf", b"", "empty-file"),
    ] {
        let refused = upload(&desk, name, content).await.expect(422);
        assert_eq!(refused.errors(), [("file".into(), code.into())], "{name}");
    }
    let mut large = PDF.to_vec();
    large.resize((20 << 20) + 1, b' ');
    assert_eq!(upload(&desk, "a.pdf", &large).await.expect(413).code(), "file-too-large");
    large.resize(33 << 20, b' ');
    assert_eq!(upload(&desk, "a.pdf", &large).await.expect(413).code(), "file-too-large");
    let two = form(&[("file", Some("a.pdf"), PDF), ("file", Some("b.txt"), b"b")]);
    assert_eq!(send(&desk, two).await.expect(422).errors()[0].1, "one-file");
    for parts in [&[][..], &[("file", None, PDF)], &[("other", Some("a.pdf"), PDF)]] {
        send(&desk, form(parts)).await.expect(422);
    }
    let whole = form(&[("file", Some("a.pdf"), PDF)]);
    assert_eq!(send(&desk, whole[..whole.len() - 20].to_vec()).await.expect(400).code(), "broken-body");
    let path = format!("{}/attachments", desk.path);
    let json = app.post(&path, json!({})).cookie(&desk.cookie).send().await.expect(415);
    assert_eq!(json.code(), "not-multipart");
    assert_eq!(listed(&desk).await.len(), 0);

    upload(&desk, "a.pdf", PDF).await.expect(201);
    assert_eq!(upload(&desk, "b.pdf", PDF).await.expect(409).code(), "same-file");
    for n in 1..9 {
        upload(&desk, "说明.txt", format!("第 {n} 份").as_bytes()).await.expect(201);
    }
    // Two at once for the last place.
    let (one, other) = tokio::join!(upload(&desk, "一.txt", b"one"), upload(&desk, "二.txt", b"other"));
    let refused = if one.status.is_success() { other } else { one };
    assert_eq!(refused.expect(422).errors(), [("file".into(), "too-many-files".into())]);
    assert_eq!(listed(&desk).await.len(), 10);
}
