//! The service over the real talents of ../shared/eval, in this process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use zhihui::app::live::Live;
use zhihui::app::secrets::Hasher;
use zhihui::app::{App, Clock, data, files};
use zhihui::domain::{Need, Talent};
use zhihui::store::{Store, TalentRecord};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub const FOLDER: &str = "../shared/eval/chinaxiv";
pub const PASSWORD: &str = "four plain words here";

/// Whether there is something to measure with; says so if not.
pub fn has_data() -> bool {
    let has = Path::new(FOLDER).exists();
    if !has {
        println!("not measured: {FOLDER} is not there");
    }
    has
}

/// The real talents. They have no region: here all are of the city, which pages recommend first.
pub fn talents() -> Vec<Talent> {
    let path = Path::new(FOLDER).join("talents.jsonl");
    let mut talents = files::read_talents(&path, &mut |_, _| {}).expect("talents").rows;
    talents.iter_mut().for_each(|t| t.region = Some("重庆市渝北区".into()));
    talents
}

pub fn needs(name: &str) -> Vec<Need> {
    files::read_needs(&Path::new(FOLDER).join(name), &mut |_, _| {}).expect("needs").rows
}

/// A store with the talents.
pub async fn store(folder: &Path, talents: &[Talent]) -> Store {
    let store = Store::open(&format!("sqlite:{}?mode=rwc", folder.join("zhihui.db").display())).await.expect("a store");
    let records: Vec<TalentRecord> = talents.iter().map(|t| TalentRecord::new(t.clone(), 0)).collect();
    let mut write = store.begin().await.expect("a transaction");
    write.talents_put(&records).await.expect("talents");
    write.commit().await.expect("a commit");
    store
}

/// The service on it, with its index.
pub async fn app(folder: &Path, store: Store) -> Arc<App> {
    let (ranking, taxonomy) = (data::default_ranking().expect("a ranking"), data::taxonomy().expect("a taxonomy"));
    let (live, follower) = Live::open(store.clone(), folder, ranking, taxonomy).await.expect("an index");
    tokio::spawn(follower.run(std::future::pending()));
    Arc::new(App::new(store, Clock::system(), Hasher::quick().expect("a hasher"), live))
}

pub fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// One connection that is kept open.
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("connected");
        stream.set_nodelay(true).expect("no delay");
        Self { stream: BufReader::new(stream) }
    }

    /// Posts a body of a media type, with a cookie or none (empty); panics unless the answer is 200.
    pub fn post(&mut self, path: &str, kind: &str, cookie: &str, body: &str) -> Vec<u8> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: {kind}\r\nCookie: {cookie}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.stream.get_mut().write_all(&[head.as_bytes(), body.as_bytes()].concat()).expect("sent");
        let (mut line, mut length, mut status) = (String::new(), 0, String::new());
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("a header");
            if status.is_empty() {
                status.clone_from(&line);
            }
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).expect("a body");
        assert!(status.contains("200"), "{status} {}", String::from_utf8_lossy(&answer));
        answer
    }
}
