//! Moves committed pages from the WAL into the database while the writer goes on.

use std::{
    path::Path,
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
};

use rusqlite::{Connection, OpenFlags};

use super::schema::{self, OpenError};

/// The writer's bell. When it is dropped, the thread ends.
#[derive(Debug)]
pub(super) struct Checkpointer(SyncSender<()>);

impl Checkpointer {
    /// Starts the thread with a connection of its own.
    pub(super) fn start(path: &Path) -> Result<Self, OpenError> {
        let connection = schema::connect(path, OpenFlags::empty())
            .map_err(|source| OpenError::Sqlite { path: path.display().to_string(), source })?;
        let (ring, bell) = sync_channel(1);
        std::thread::Builder::new().name("log-checkpoint".into()).spawn(move || run(&connection, &bell))?;
        Ok(Self(ring))
    }

    /// Asks for a checkpoint; one that is still to come covers this request, too.
    pub(super) fn ring(&self) {
        match self.0.try_send(()) {
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }
}

fn run(connection: &Connection, bell: &Receiver<()>) {
    while bell.recv().is_ok() {
        // PASSIVE moves what it can and waits for nobody; the writer caps what it leaves.
        if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
            tracing::warn!(%error, "checkpoint of the log failed; the next one will do its work");
        }
    }
}
