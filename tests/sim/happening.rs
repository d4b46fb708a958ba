//! Events to come, each at its time.

use tideboard_engine::{Input, PostId, SocketEvent, StoreRequest};
use tideboard_shared::AccessToken;

use crate::{
    browser::PageId,
    log::Task,
    network::LinkId,
    server::{Place, To},
};

#[derive(Debug)]
pub(crate) enum Happening {
    /// An engine asked to be called.
    Wake(PageId),
    /// Arrival at a page of anything but a socket's news.
    Input(PageId, Box<Input>),
    /// Arrival of news of a page's socket.
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
    /// Arrival at the log of a board's task.
    Log(Place, Task),
    /// The log answers a board, or what others wrote is made known to it.
    LogSays(Place, Box<tideboard_room::Input<To>>),
    /// A board asked to be called.
    WakeBoard(Place),
    /// A user does something, and something may go wrong.
    Step,
    /// A page wakes.
    Thaw(PageId),
    /// A browser has a network again.
    Online(usize),
    /// End of a browser's separation from the server.
    Heal(usize),
    /// A browser's disk has room again, and is fast.
    DiskWorks(usize),
    /// A user signs in anew.
    SignIn(usize),
    /// A draining node ends its process.
    Exit(usize, u64),
    /// A node comes back.
    Start(usize),
    /// The log works again, and is fast.
    LogWorks,
}

impl Happening {
    /// Says whether a disk is asked or answers, or a tab hears of another: either may bring an edit's end.
    pub(crate) fn is_of_browser(&self) -> bool {
        match self {
            Self::Write(..) => true,
            Self::Input(_, input) => matches!(**input, Input::Stored(_) | Input::Told { .. }),
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
