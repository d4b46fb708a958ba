//! Something that is going to happen.

use tideboard_engine::{Input, PostId, SocketEvent, StoreRequest};
use tideboard_shared::{AccessToken, BoardId};

use crate::{browser::PageId, network::LinkId};

#[derive(Debug, Clone)]
pub(crate) enum Happening {
    /// An engine asked to be called.
    Wake(PageId),
    /// Something other than a socket's news reaches a page.
    Input(PageId, Box<Input>),
    /// Something reaches a page's socket.
    Socket(PageId, LinkId, SocketEvent),
    /// The disk carries out a wish of a page.
    Write(PageId, StoreRequest),
    /// The lock is free: whoever waits longest gets it.
    Grant(usize),
    /// A connection attempt reaches the server.
    Connect(LinkId),
    /// A frame reaches the server.
    Frame(LinkId, String),
    /// A post reaches the server.
    Post(PageId, PostId, String, Option<AccessToken>),
    /// The server closes a connection.
    Close(LinkId, u16),
    /// The batch of a room reaches the log.
    Commit(u64, BoardId),
    /// A user does something, and something may go wrong.
    Step,
    /// A page wakes.
    Thaw(PageId),
    /// A browser has a network again.
    Online(usize),
    /// Whatever kept a browser from the server is gone.
    Heal(usize),
    /// A browser's disk has room again, and is fast.
    DiskWorks(usize),
    /// A user signs in anew.
    SignIn(usize),
    /// A draining server ends its process.
    ServerExit(u64),
    /// The server comes back.
    ServerUp,
    /// The log takes writes again.
    LogWorks,
}

impl Happening {
    /// Whether a disk is asked or answers.
    pub(crate) fn is_of_storage(&self) -> bool {
        match self {
            Self::Write(..) => true,
            Self::Input(_, input) => matches!(**input, Input::Stored(_)),
            _ => false,
        }
    }

    /// The page that it is for.
    pub(crate) fn page(&self) -> Option<PageId> {
        match self {
            Self::Wake(page) | Self::Input(page, _) | Self::Socket(page, ..) => Some(*page),
            _ => None,
        }
    }
}
