//! The orderly end: tell clients when to come back, let rooms finish, close the log.

use std::{io, sync::atomic::Ordering, time::Duration};

use tideboard_shared::{ServerMessage, message::CloseCode};

use crate::{
    app::App,
    fanout::{ToWorker, frame},
};

/// Clients come back within at least this window.
const WINDOW_MS: u64 = 1_000;
/// And within at most this one.
const LONGEST_WINDOW_MS: u64 = 30_000;
/// Each connection makes the window so much longer: a thousand a second can be greeted.
const MS_PER_CONNECTION: u64 = 1;
/// Connections have so long to end by themselves.
const DRAIN_WITHIN: Duration = Duration::from_secs(3);
/// Time between two looks at whether they have.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Waits for SIGINT or SIGTERM.
pub(crate) async fn signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Closes every socket with 1012 and waits until they are gone, or for [`DRAIN_WITHIN`].
pub(crate) async fn drain(app: &App) {
    app.draining.store(true, Ordering::Relaxed);
    let connections = app.metrics.connections();
    let window = WINDOW_MS + MS_PER_CONNECTION * connections as u64;
    let reconnect_after_ms = window.min(LONGEST_WINDOW_MS);
    tracing::info!(connections, reconnect_after_ms, "draining");
    let notice = frame::message(&ServerMessage::Draining { reconnect_after_ms });
    let emptied = async {
        app.fanout.tell_all(|| ToWorker::Drain { notice: notice.clone(), code: CloseCode::Restart }).await;
        while app.metrics.connections() > 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    if tokio::time::timeout(DRAIN_WITHIN, emptied).await.is_err() {
        tracing::warn!(connections = app.metrics.connections(), "some connections did not end in time");
    }
}
