//! Connections that read beside the writer.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{
    read::Reader,
    schema::{OpenError, Place},
};
use crate::log::LogError;

/// Most reads at the same time; whoever comes later waits.
const AT_ONCE: usize = 4;

/// Connections for reading, opened as they are needed and kept.
#[derive(Debug)]
pub(super) struct Readers {
    place: Place,
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Readers of a log that is open for writing. One connection is opened at once, to see that it can be.
    pub(super) fn new(place: Place) -> Result<Arc<Self>, OpenError> {
        let first = place.connect()?;
        Ok(Arc::new(Self { place, turns: Arc::new(Semaphore::new(AT_ONCE)), idle: Mutex::new(vec![first]) }))
    }

    /// Reads on a thread that has no other work.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Reader<'_>) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let closed = |_| LogError::Unavailable("the log is closed".to_owned());
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(closed)?;
        let readers = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let connection = readers.take().map_err(|error| LogError::Unavailable(error.to_string()))?;
            let result = read(&Reader { db: &connection, path: readers.place.shown() });
            readers.lock().push(connection);
            result
        });
        done.await.map_err(|error| LogError::Unavailable(error.to_string()))?
    }

    /// Waits for the reads under way, and lets go of the file. Later ones are refused.
    pub(super) async fn close(&self) {
        let all = self.turns.acquire_many(AT_ONCE as u32).await;
        self.turns.close();
        drop(all);
        self.lock().clear();
    }

    fn take(&self) -> Result<Connection, OpenError> {
        let idle = self.lock().pop();
        idle.map_or_else(|| self.place.connect(), Ok)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
