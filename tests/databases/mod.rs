//! A new, empty database for each test, on SQLite and on PostgreSQL. tests/run starts the PostgreSQL
//! cluster and says where it is in ZHIHUI_TEST_POSTGRES; without it only SQLite is tested, and each
//! test says so.

use std::future::Future;

use sqlx::{Connection, Executor};
use zhihui::store::{Dialect, Store};

/// A new, empty database, and its address.
pub struct Fresh {
    pub url: String,
    pub store: Store,
}

pub async fn sqlite(folder: &std::path::Path) -> Fresh {
    let url = format!("sqlite:{}?mode=rwc", folder.join("zhihui.db").display());
    Fresh { store: Store::open(&url).await.unwrap(), url }
}

pub async fn postgres(server: &str, test: &str) -> Fresh {
    let url = postgres_empty(server, test).await;
    Fresh { store: Store::open(&url).await.unwrap(), url }
}

/// The address of a new database with nothing in it.
pub async fn postgres_empty(server: &str, test: &str) -> String {
    let name = format!("t{}_{test}", std::process::id());
    let mut admin = sqlx::PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    let create = format!("CREATE DATABASE {} TEMPLATE template0", &name[..name.len().min(60)]);
    admin.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
    format!("{server}/{}", &name[..name.len().min(60)])
}

/// Runs a test on one after the other.
pub fn on_both<F: Future<Output = ()>>(test: &str, run: impl Fn(Fresh) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let fresh = sqlite(folder.path()).await;
        assert_eq!(fresh.store.dialect(), Dialect::Sqlite);
        run(fresh).await;
        match std::env::var("ZHIHUI_TEST_POSTGRES") {
            Ok(server) => {
                let fresh = postgres(&server, test).await;
                assert_eq!(fresh.store.dialect(), Dialect::Postgres);
                run(fresh).await;
                ran_on_postgres();
            }
            Err(_) => eprintln!("PostgreSQL not tested: ZHIHUI_TEST_POSTGRES is not set (tests/run sets it)"),
        }
    });
}

/// Tells tests/run, which counts them.
pub fn ran_on_postgres() {
    use std::io::Write;
    if let Some(path) = std::env::var_os("ZHIHUI_TEST_RAN") {
        writeln!(std::fs::OpenOptions::new().append(true).open(path).unwrap(), "postgres").unwrap();
    }
}
