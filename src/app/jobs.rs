//! What the service does by itself: looks at saved searches after the index has followed changes,
//! puts announcements into the inboxes, opens bids at closing time, and sends the daily digests. Every node does; the store lets
//! one of them.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use super::App;

/// How long changes may go on before saved searches are looked at: an import is one change of many.
const SETTLE: Duration = Duration::from_secs(2);
/// How often it is looked whether bids are to be opened.
const SECOND: Duration = Duration::from_secs(1);
/// How often digests are looked for, and what failed is tried again.
const EVERY: Duration = Duration::from_secs(60);

/// Works until `shutdown` is done. No error ends it.
pub async fn run(app: Arc<App>, shutdown: impl Future<Output = ()> + Send) {
    let mut shutdown = pin!(shutdown);
    let mut status = app.live().watch();
    let mut minutes = tokio::time::interval(EVERY);
    minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut seconds = tokio::time::interval(SECOND);
    seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut looked = None;
    loop {
        let changed = async {
            let moved = status.wait_for(|s| looked.is_none_or(|looked| s.position > looked)).await;
            let position = moved.map(|status| status.position).ok();
            tokio::time::sleep(SETTLE).await;
            position
        };
        tokio::select! {
            biased;
            () = &mut shutdown => return,
            position = changed => {
                looked = position.or(looked);
                look(&app).await;
            }
            _ = seconds.tick() => match app.challenges_open_due().await {
                Ok(0) => {}
                Ok(opened) => tracing::info!(opened, "bids were opened"),
                Err(error) => tracing::error!(error = ?error, "bids could not be opened"),
            },
            _ = minutes.tick() => {
                look(&app).await;
                if let Err(error) = app.announcements_tell().await {
                    tracing::error!(error = ?error, "announcements could not be put into the inboxes");
                }
                if let Err(error) = app.audit_publish().await {
                    tracing::error!(error = ?error, "the end of the audit log could not be published");
                }
                match app.digests_send().await {
                    Ok(0) => {}
                    Ok(sent) => tracing::info!(sent, "digests were mailed"),
                    Err(error) => tracing::error!(error = ?error, "digests could not be mailed"),
                }
            }
        }
    }
}

async fn look(app: &App) {
    match app.searches_look().await {
        Ok(0) => {}
        Ok(told) => tracing::info!(told, "saved searches have something new"),
        Err(error) => tracing::error!(error = ?error, "saved searches could not be looked at"),
    }
}
