//! Moves committed pages from the WAL into the database while the writer goes on.

use std::{
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread::JoinHandle,
};

use rusqlite::Connection;

use super::schema::{OpenError, Place};

/// The writer's bell, and the thread that hears it.
#[derive(Debug)]
pub(super) struct Checkpointer {
    ring: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Checkpointer {
    /// Starts the thread with a connection of its own.
    pub(super) fn start(place: &Place) -> Result<Self, OpenError> {
        let connection = place.connect()?;
        let (ring, bell) = sync_channel(1);
        let thread = std::thread::Builder::new().name("log-checkpoint".into()).spawn(move || run(connection, &bell))?;
        Ok(Self { ring, thread })
    }

    /// Asks for a checkpoint; one that is still to come covers this request, too.
    pub(super) fn ring(&self) {
        match self.ring.try_send(()) {
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }

    /// Ends the thread, and waits until it has let go of the file.
    pub(super) fn stop(self) {
        drop(self.ring);
        if self.thread.join().is_err() {
            tracing::error!("the log's checkpoint thread had failed");
        }
    }
}

fn run(connection: Connection, bell: &Receiver<()>) {
    while bell.recv().is_ok() {
        // PASSIVE moves what it can and waits for nobody; the writer caps what it leaves.
        if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
            tracing::warn!(%error, "checkpoint of the log failed; the next one will do its work");
        }
    }
}
