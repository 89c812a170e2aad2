//! The daily digest, with a mail server that does as it is told:
//! 1. nothing is mailed before its address is confirmed, and nothing after it was ended;
//! 2. one mail a day, whoever sends; again where the server refused it; never where it may have it;
//! 3. a mail names its own way out, which needs no sign-in.

use std::sync::{Arc, Mutex};

use axum::http::header;
use sqlx::Connection;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use zhihui::app::mail::{MailSettings, Mailer};
use zhihui::domain::{Notice, Role};
use zhihui::store::NoticeRow;

use crate::harness::TestApp;
use crate::talents::{made, piece};

const HOUR: i64 = 3_600_000;

/// What the server does with the next mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Accepts,
    /// For now, to every recipient.
    Refuses,
    /// Takes the mail and hangs up without a word.
    HangsUp,
    /// Hangs up before it says anything.
    IsAway,
}

/// A mail server.
#[derive(Clone)]
struct Sink {
    mails: Arc<Mutex<Vec<String>>>,
    mood: Arc<Mutex<Mood>>,
    address: std::net::SocketAddr,
}

impl Sink {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Self {
            mails: Arc::default(),
            mood: Arc::new(Mutex::new(Mood::Accepts)),
            address: listener.local_addr().unwrap(),
        };
        let serving = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().talk(stream));
            }
        });
        sink
    }

    /// One connection (RFC 5321); an error is the client's hanging up.
    async fn talk(self, stream: TcpStream) -> std::io::Result<()> {
        let mood = *self.mood.lock().unwrap();
        if mood == Mood::IsAway {
            return Ok(());
        }
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"220 sink\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let answer: &[u8] = match verb.as_str() {
                "RCPT" if mood == Mood::Refuses => b"451 later\r\n",
                "DATA" => {
                    writer.write_all(b"354 go on\r\n").await?;
                    let mut mail = String::new();
                    while let Some(line) = lines.next_line().await? {
                        if line == "." {
                            break;
                        }
                        mail.push_str(&line);
                        mail.push('\n');
                    }
                    self.mails.lock().unwrap().push(mail);
                    if mood == Mood::HangsUp {
                        return Ok(());
                    }
                    b"250 taken\r\n"
                }
                "QUIT" => return writer.write_all(b"221 bye\r\n").await,
                _ => b"250 ok\r\n",
            };
            writer.write_all(answer).await?;
        }
        Ok(())
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn count(&self) -> usize {
        self.mails.lock().unwrap().len()
    }

    /// The newest mail: its headers, and its text.
    fn newest(&self) -> (String, String) {
        let mails = self.mails.lock().unwrap();
        let (head, body) = mails.last().unwrap().split_once("\n\n").unwrap();
        let text = match head.contains("Content-Transfer-Encoding: base64") {
            true => {
                use base64::Engine;
                let packed: String = body.split_whitespace().collect();
                let bytes = base64::engine::general_purpose::STANDARD.decode(packed).unwrap();
                String::from_utf8(bytes).unwrap()
            }
            false => unquoted(body),
        };
        (head.replace("\n ", " "), text)
    }
}

/// Quoted-printable as text (RFC 2045).
fn unquoted(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let (mut bytes, mut rest) = (Vec::new(), joined.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'=').then(|| std::str::from_utf8(&after[..2]).unwrap());
        match code {
            Some(code) => {
                bytes.push(u8::from_str_radix(code, 16).unwrap());
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// What stands behind a word in a text, up to the next white space.
fn link(text: &str, path: &str) -> String {
    let at = text.find(path).unwrap_or_else(|| panic!("no {path} in {text}"));
    text[at..].split_whitespace().next().unwrap().trim_end_matches('>').to_owned()
}

struct Office {
    app: TestApp,
    sink: Sink,
    cookie: String,
    account: String,
}

impl Office {
    async fn open() -> Self {
        let sink = Sink::start().await;
        let settings = MailSettings {
            server: format!("smtp://{}", sink.address),
            from: "智汇 <noreply@example.invalid>".into(),
            public_url: "https://zhihui.example.invalid".into(),
        };
        let (app, follower) = TestApp::with_mail(&[], Some(Mailer::new(&settings).unwrap())).await;
        tokio::spawn(follower.run(std::future::pending()));
        let cookie = app.role(Role::Enterprise).await;
        let account = app.app.store().account_by_login("enterprise").await.unwrap().unwrap().id;
        Self { app, sink, cookie, account }
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> crate::harness::Answer {
        let csrf = self.app.csrf(&self.cookie).await;
        self.app.ask("POST", path).cookie(&self.cookie).header("x-csrf-token", &csrf).form(fields).send().await
    }

    /// With a digest to an address that is confirmed.
    async fn with_digest() -> Self {
        let this = Self::open().await;
        this.post("/settings/notices/address", &[("address", "desk@example.invalid")]).await.expect(303);
        let path = link(&this.sink.newest().1, "/settings/notices/confirm?token=");
        this.app.ask("POST", &path).send().await.expect(200);
        this
    }

    async fn tell(&self, need: &str) {
        let row = NoticeRow {
            id: self.app.app.new_id(),
            account: self.account.clone(),
            object: String::new(),
            notice: Notice::NeedPublished { need: need.into() },
            at: self.app.app.now(),
            read_at: None,
        };
        let mut write = self.app.app.store().begin().await.unwrap();
        write.notice_add(&row).await.unwrap();
        write.commit().await.unwrap();
    }

    async fn send(&self) -> usize {
        self.app.app.digests_send().await.unwrap()
    }
}

#[tokio::test]
async fn nothing_is_mailed_before_an_address_is_confirmed_or_after_it_was_ended() {
    let office = Office::open().await;
    office.tell("甲").await;
    assert_eq!((office.send().await, office.sink.count()), (0, 0), "nothing by default");
    let refused = office.post("/settings/notices/address", &[("address", "nobody")]).await.expect(422).text();
    assert!(refused.contains("请填写一个邮箱地址") && refused.contains("value=\"nobody\""), "{refused}");
    assert_eq!(office.sink.count(), 0);

    office.post("/settings/notices/address", &[("address", "desk@example.invalid")]).await.expect(303);
    let (head, text) = office.sink.newest();
    assert!(head.contains("To: desk@example.invalid") && !head.contains("List-Unsubscribe"), "{head}");
    assert_eq!((office.send().await, office.sink.count()), (0, 1), "not confirmed yet");
    let path = link(&text, "/settings/notices/confirm?token=");
    // To look at the link is not to confirm: programs that check mails do that.
    let asked = office.app.get(&path).send().await.expect(200).text();
    assert!(asked.contains("确认这个邮箱"), "{asked}");
    office.tell("乙").await;
    assert_eq!(office.send().await, 0);
    office.app.pass(1);
    office.app.ask("POST", &path).send().await.expect(200);
    office.app.ask("POST", &path).send().await.expect(404);
    office.tell("丙").await;
    assert_eq!(office.send().await, 1);
    let (head, text) = office.sink.newest();
    assert!(text.contains("需求“丙”已发布") && !text.contains("“甲”"), "what came before is not told: {text}");
    assert!(head.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{head}");

    // A mail program unsubscribes by itself: no cookie, no page.
    let end = link(&head, "/unsubscribe?token=");
    let body = "List-Unsubscribe=One-Click";
    let form = office.app.ask("POST", &end).header("content-type", "application/x-www-form-urlencoded").body(body);
    form.send().await.expect(200);
    office.app.pass(24 * HOUR);
    office.tell("丁").await;
    assert_eq!((office.send().await, office.sink.count()), (0, 2), "ended");
    office.app.ask("POST", "/unsubscribe?token=00").send().await.expect(404);
}

#[tokio::test]
async fn there_is_one_mail_a_day_however_many_send() {
    let office = Office::with_digest().await;
    for n in 0..25 {
        office.tell(&format!("示例 {n}")).await;
    }
    let sends: Vec<_> = (0..4)
        .map(|_| {
            let app = office.app.app.clone();
            tokio::spawn(async move { app.digests_send().await.unwrap() })
        })
        .collect();
    let mut sent = 0;
    for send in sends {
        sent += send.await.unwrap();
    }
    assert_eq!((sent, office.sink.count()), (1, 2), "the one, after that to confirm");
    let (_, text) = office.sink.newest();
    assert!(text.contains("另有 5 条"), "{text}");
    office.tell("更多").await;
    assert_eq!(office.send().await, 0, "not today");
    // 22:13 now: at 7:13 it is too early.
    office.app.pass(9 * HOUR);
    assert_eq!(office.send().await, 0);
    office.app.pass(HOUR);
    assert_eq!(office.send().await, 1);
    let (_, text) = office.sink.newest();
    assert!(text.contains("“更多”") && !text.contains("示例 3"), "only what is new: {text}");
    office.app.pass(24 * HOUR);
    assert_eq!((office.send().await, office.sink.count()), (0, 3), "nothing new, no mail");
}

#[tokio::test]
async fn a_mail_that_was_refused_is_sent_again_and_one_that_may_have_arrived_is_not() {
    let office = Office::with_digest().await;
    // 10:13 of the next day.
    office.app.pass(12 * HOUR);
    office.tell("甲").await;
    for mood in [Mood::Refuses, Mood::IsAway] {
        office.sink.is(mood);
        assert_eq!((office.send().await, office.sink.count()), (0, 1), "{mood:?}");
        office.app.pass(HOUR);
    }
    office.sink.is(Mood::Accepts);
    assert_eq!((office.send().await, office.sink.count()), (1, 2));
    assert!(office.sink.newest().1.contains("“甲”"));
    assert_eq!(office.send().await, 0);

    office.app.pass(24 * HOUR);
    office.tell("乙").await;
    office.sink.is(Mood::HangsUp);
    assert_eq!((office.send().await, office.sink.count()), (0, 3), "it has the mail, and did not say so");
    office.sink.is(Mood::Accepts);
    office.app.pass(HOUR);
    assert_eq!((office.send().await, office.sink.count()), (0, 3), "not a second time");
}

#[tokio::test]
async fn what_no_mail_of_a_day_could_tell_is_told_by_the_next_days() {
    let office = Office::with_digest().await;
    office.app.pass(12 * HOUR);
    office.tell("甲").await;
    office.sink.is(Mood::Refuses);
    for _ in 0..8 {
        assert_eq!(office.send().await, 0);
        office.app.pass(HOUR);
    }
    office.sink.is(Mood::Accepts);
    assert_eq!((office.send().await, office.sink.count()), (0, 1), "given up for today");
    office.app.pass(16 * HOUR);
    assert_eq!(office.send().await, 1);
    assert!(office.sink.newest().1.contains("“甲”"));
    assert_eq!(office.send().await, 0, "once");
}

/// One notice of the first person cannot be read, and no mail be made of it.
#[tokio::test]
async fn a_mail_that_cannot_be_made_holds_up_nobody_and_is_tried_again() {
    let office = Office::with_digest().await;
    let other = office.app.other_enterprise().await;
    let csrf = office.app.csrf(&other).await;
    let ask = office.app.ask("POST", "/settings/notices/address").cookie(&other).header("x-csrf-token", &csrf);
    ask.form(&[("address", "other@example.invalid")]).send().await.expect(303);
    let path = link(&office.sink.newest().1, "/settings/notices/confirm?token=");
    office.app.ask("POST", &path).send().await.expect(200);
    office.app.pass(12 * HOUR);
    // The first in the order of sending is the one whose mail cannot be made.
    let other = office.app.app.store().account_by_login("other").await.unwrap().unwrap().id;
    let [first, second] =
        if office.account < other { [office.account.clone(), other] } else { [other, office.account.clone()] };
    let office = Office { account: first, ..office };
    office.tell("甲").await;
    let office = Office { account: second, ..office };
    office.tell("乙").await;
    let mut database = sqlx::AnyConnection::connect(&office.app.url).await.unwrap();
    let mut content = async |from: &str, to: &str| {
        let update = sqlx::query("UPDATE notice SET content = replace(content, $1, $2)").bind(from).bind(to);
        assert!(update.execute(&mut database).await.unwrap().rows_affected() > 0);
    };
    content("甲\"", "甲").await;
    assert_eq!((office.send().await, office.sink.count()), (1, 3));
    assert!(office.sink.newest().1.contains("“乙”"));
    content("甲", "甲\"").await;
    office.app.pass(HOUR);
    assert_eq!(office.send().await, 1);
    assert!(office.sink.newest().1.contains("“甲”"));
}

#[tokio::test]
async fn nobody_is_flooded_with_links_to_confirm() {
    let office = Office::open().await;
    for n in 0..5 {
        let answer = office.post("/settings/notices/address", &[("address", "victim@example.invalid")]).await;
        let expected = if n < 3 { 303 } else { 422 };
        answer.expect(expected);
    }
    assert_eq!(office.sink.count(), 3);
    let page = office.app.get("/settings/notices").cookie(&office.cookie).send().await.expect(200).text();
    assert!(page.contains("victim@example.invalid") && page.contains("请打开其中的链接"), "{page}");
    let visitor = office.app.get("/settings/notices").send().await.expect(303);
    assert!(visitor.header(header::LOCATION).starts_with("/sign-in"));
}

/// The whole way: a search is saved, somebody new fits it, the inbox says so, and so does the mail.
#[tokio::test]
async fn what_a_saved_search_finds_is_in_the_inbox_and_in_the_mail() {
    let office = Office::with_digest().await;
    let address = format!("kind=talents&q={}", zhihui::domain::search::percent_encoded("热失控预警"));
    office.post("/searches", &[("name", "会预警的人"), ("address", &address)]).await.expect(303);
    made(&office.app, "t1", "示例·新人某", &[piece("e1", "电池热失控预警方法")]).await;
    office.app.catch_up().await;
    assert_eq!(office.app.app.searches_look().await.unwrap(), 1);
    let inbox = office.app.get("/inbox").cookie(&office.cookie).send().await.expect(200).text();
    assert!(inbox.contains("会预警的人") && inbox.contains("示例·新人某"), "{inbox}");
    assert_eq!(office.send().await, 1);
    let (_, text) = office.sink.newest();
    assert!(text.contains("会预警的人") && text.contains("示例·新人某"), "{text}");
}
