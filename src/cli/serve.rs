//! serve: the service on the configured store, until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use zhihui::app::board::seal::Seals;
use zhihui::app::live::{Follower, Live};
use zhihui::app::secrets::Hasher;
use zhihui::app::{App, Clock, data, jobs};
use zhihui::config::{Config, DatabaseUrl};
use zhihui::store::{Store, StoreError};
use zhihui::web;
use zhihui::web::server::{self, Limits};

use super::{Failure, logging};

/// How long the follower may take for the batch that it has begun.
const FOLLOWER_STOPS: Duration = Duration::from_secs(10);

/// # Errors
/// What kept the service from starting, or requests that had to be cut off when it stopped.
pub fn run(config: Config) -> Result<(), Failure> {
    logging::start(&config.log);
    runtime()?.block_on(async {
        let listener = listen(config.address).await?;
        make_folder(&config.data_dir)?;
        let service = Service::open(&config, open_store(&config.database).await?).await?;
        service.run(&config, listener).await
    })
}

/// # Errors
/// The system gives no threads.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|e| format!("系统无法再开线程：{e}").into())
}

/// Binds first of all: an address in use is told before any work is done.
///
/// # Errors
/// The address cannot be bound.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::AddrInUse => "已被另一个程序占用：请停止那个程序，或用 --addr 换一个端口",
            io::ErrorKind::PermissionDenied => "不允许使用：1024 以下的端口要有权限，请换一个端口",
            io::ErrorKind::AddrNotAvailable => "不是本机的地址：请用 --addr 换成本机的地址",
            _ => return format!("无法监听 {address}：{error}").into(),
        };
        format!("地址 {address} {hint}").into()
    })
}

/// # Errors
/// As [`Store::open`], with the database's name and the cause.
pub async fn open_store(database: &DatabaseUrl) -> Result<Store, Failure> {
    Store::open(database.secret()).await.map_err(|error| match &error {
        StoreError::Unreachable(cause) => format!("{database}：{error}（{cause}）").into(),
        _ => format!("{database}：{error}").into(),
    })
}

/// Makes the data folder, which only its owner may read, and tries whether it can be written.
///
/// # Errors
/// It cannot.
pub fn make_folder(folder: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    let tried = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).and_then(|()| {
        let probe = folder.join(format!(".probe-{}", std::process::id()));
        std::fs::write(&probe, "")?;
        std::fs::remove_file(&probe)
    });
    tried.map_err(|error| {
        let hint = "请检查磁盘空间和写入权限，或用 --data-dir（ZHIHUI_DATA）另指一个";
        format!("数据文件夹“{}”不能写入：{error}；{hint}", folder.display()).into()
    })
}

/// What bids are sealed with. Nodes that share a database must share the keys too, so only the embedded
/// one has a file for them.
///
/// # Errors
/// The file cannot be read or made.
pub fn seals(config: &Config) -> Result<Option<Seals>, Failure> {
    match (&config.seals, config.database.file()) {
        (Some(seals), _) => Ok(Some(seals.clone())),
        (None, Some(_)) => Ok(Some(Seals::of_file(&config.data_dir.join("seal.key"))?)),
        (None, None) => {
            tracing::warn!("ZHIHUI_SEAL_KEYS is not set: nobody can bid");
            Ok(None)
        }
    }
}

/// What the service works with.
pub struct Service {
    app: Arc<App>,
    follower: Follower,
}

impl Service {
    /// Opens the index, or builds it.
    ///
    /// # Errors
    /// Another process uses the folder, or it cannot be used.
    pub async fn open(config: &Config, store: Store) -> Result<Self, Failure> {
        // Before anything is counted.
        web::guard::metrics();
        let (ranking, taxonomy) = (data::default_ranking()?, data::taxonomy()?);
        let (live, follower) = Live::open(store.clone(), &config.data_dir, ranking, taxonomy).await?;
        let app = App::new(store, Clock::system(), Hasher::new()?, live);
        let app = match &config.mail {
            Some(mailer) => app.with_mail(mailer.clone()),
            None => app,
        };
        let app = match seals(config)? {
            Some(seals) => app.with_board(seals, data::board_rules()),
            None => app,
        };
        let app = Arc::new(app);
        Ok(Self { app, follower })
    }

    /// Serves until SIGTERM or SIGINT; then finishes what is in flight, and then stops the follower.
    ///
    /// # Errors
    /// Requests that did not end in time.
    pub async fn run(self, config: &Config, listener: TcpListener) -> Result<(), Failure> {
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let told = async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("stopping: what is in flight is finished first");
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let follower = tokio::spawn(self.follower.run(async { drop(stopped.await) }));
        let (end_jobs, jobs_ended) = oneshot::channel::<()>();
        let jobs = tokio::spawn(jobs::run(Arc::clone(&self.app), async { drop(jobs_ended.await) }));
        let limits = Limits { connections: config.max_connections, ..Limits::default() };
        let router = web::router(Arc::clone(&self.app), config.web.clone());
        tracing::info!(address = %listener.local_addr()?, database = %config.database, "zhihui serves");
        let cut_off = server::serve(listener, router, limits, told).await;
        drop((stop, end_jobs));
        // What it has not finished by then, the next start does.
        let _ = tokio::time::timeout(FOLLOWER_STOPS, follower).await;
        let _ = tokio::time::timeout(FOLLOWER_STOPS, jobs).await;
        self.app.store().close().await;
        tracing::info!(cut_off, "stopped");
        match cut_off {
            0 => Ok(()),
            _ => Err(format!("停止时有 {cut_off} 个连接未能在 {} 秒内结束，已切断", limits.drain.as_secs()).into()),
        }
    }
}
