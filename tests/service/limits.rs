//! Clients that are slow on purpose, and more of them than there is room for.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use zhihui::web::server::{Limits, serve};

use crate::process::rest;

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    done: JoinHandle<usize>,
}

async fn start(limits: Limits) -> Server {
    let never = || async { std::future::pending::<&str>().await };
    let router = Router::new()
        .route("/", get(|| async { "ok" }))
        .route("/body", post(|body: axum::body::Bytes| async move { body.len().to_string() }))
        .route("/never", get(never));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let done = tokio::spawn(serve(listener, router, limits, async { drop(stopped.await) }));
    Server { address, stop, done }
}

/// Sends the text and gives all that is answered until the server closes the connection.
async fn ask(address: SocketAddr, text: &'static str) -> String {
    let ask = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        rest(&mut stream)
    };
    tokio::task::spawn_blocking(ask).await.unwrap()
}

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(300);

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_end_and_a_silent_connection_are_closed() {
    let server = start(Limits { head: SHORT, body_pause: LONG, ..Limits::default() }).await;
    for text in ["", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        assert!(!ask(server.address, text).await.contains("200 OK"), "{text}");
    }
    let kept = ask(server.address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(kept.contains("200 OK"), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stops_coming_is_given_up() {
    let server = start(Limits { head: LONG, body_pause: SHORT, ..Limits::default() }).await;
    let answer = ask(server.address, "POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc").await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_no_room_left_others_wait_and_are_then_served() {
    let server = start(Limits { connections: 1, head: SHORT, ..Limits::default() }).await;
    // Both are silent at first; the one that is served is closed, which makes room for the other.
    let (one, other) = tokio::join!(ask(server.address, ""), ask(server.address, ""));
    assert_eq!((one.contains("200 OK"), other.contains("200 OK")), (false, false));
    assert!(ask(server.address, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.contains("200 OK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_no_longer_than_it_says_for_what_never_ends() {
    let server = start(Limits { drain: SHORT, ..Limits::default() }).await;
    let mut stream = TcpStream::connect(server.address).unwrap();
    // Two requests on one connection: the answer to the first shows that the second has arrived.
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET /never HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut first = [0; 15];
    std::io::Read::read_exact(&mut stream, &mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    server.stop.send(()).unwrap();
    assert_eq!(server.done.await.unwrap(), 1);
}
