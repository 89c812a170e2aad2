//! Serves the router over HTTP/1 and holds what a slow or greedy client must not exceed.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;
use tower_http::timeout::TimeoutBody;

/// A pause after an `accept` that failed, as when no file descriptors are left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What one client, and all together, may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections served at once; more wait to be accepted.
    pub connections: usize,
    /// For the head of a request to come whole, and for a kept connection to send another.
    pub head: Duration,
    /// For the next bytes of a body.
    pub body_pause: Duration,
    /// For what is in flight to be finished when the service stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connections: 1024, head: seconds(15), body_pause: seconds(15), drain: seconds(25) }
    }
}

/// Serves until `stop` is done, then finishes what is in flight. Gives how many connections were
/// cut off because they did not end in time.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) -> usize {
    let room = Arc::new(Semaphore::new(limits.connections));
    let (stopping, _) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let place = Arc::clone(&room).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut stop => break,
            accepted = accepted => accepted,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, peer)) => {
                let (router, stopping) = (router.clone(), stopping.subscribe());
                connections.spawn(async move {
                    connection(stream, peer, router, limits, stopping).await;
                    drop(place);
                });
            }
            Err(error) => {
                // One that has gone away again is its own affair.
                if error.kind() != io::ErrorKind::ConnectionAborted {
                    tracing::error!(%error, "no connection could be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
    drop(listener);
    drop(stopping);
    let all = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(limits.drain, all).await;
    connections.len()
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    mut stopping: watch::Receiver<()>,
) {
    // Answers are short: waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(|body| Body::new(TimeoutBody::new(limits.body_pause, Body::new(body))));
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move { Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_else(|never| match never {})) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection broke");
    }
}
