//! Reasons why a server does not start or stops.

use std::{io, net::SocketAddr, path::PathBuf};

use crate::log::{FolderError, LogError, sqlite::OpenError};

/// Failure of [`crate::run`].
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A server that anybody can reach, without authentication.
    #[error(
        "refusing to listen on {0}, where other machines could reach it: there is no authentication yet; \
         use --bind 127.0.0.1:PORT, or --insecure if everyone there may read and write every board"
    )]
    Insecure(SocketAddr),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Answer of the system.
        source: io::Error,
    },
    /// The folder for data cannot be used.
    #[error(transparent)]
    DataFolder(#[from] FolderError),
    /// The log cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The log cannot be read or written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A file of the SPA cannot be read.
    #[error("cannot read {path}: {source}")]
    Assets {
        /// The file.
        path: PathBuf,
        /// Answer of the system.
        source: io::Error,
    },
    /// The HTTP server failed while running.
    #[error("the HTTP server failed: {0}")]
    Http(io::Error),
    /// The end could not wait for all boards or for the log. What was answered is stored all the same.
    #[error("the server ended although {0} had not finished")]
    Unfinished(&'static str),
}
