//! A page: an engine, a disk, and a UI that reads whatever has changed.

use std::{hint::black_box, time::Duration};

use tideboard_engine::{
    Config, Edit, Engine, Identity, Input, Key, MemoryOutbox, Now, Output, SocketEpoch, SocketEvent,
    config::{bytes, count},
};
use tideboard_shared::{Channel, UnixMs};

use crate::server;

/// Presence of a UI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ui {
    /// No reader.
    None,
    /// Every key that changed is read again.
    Reads,
}

pub(crate) struct Page {
    pub(crate) engine: Engine,
    pub(crate) disk: MemoryOutbox,
    ui: Ui,
    now: Now,
    epoch: SocketEpoch,
    is_open: bool,
}

impl Page {
    /// A page that is loaded with what an earlier one left on the disk.
    pub(crate) fn load(disk: MemoryOutbox, ui: Ui) -> Self {
        let mut config = Config::default();
        config.optimistic.max_pending = count(100_000);
        config.sync.max_outbox_bytes = bytes(100_000_000);
        let identity = Identity {
            client: "me".parse().expect("a client id"),
            key: "the-key-of-this-client".parse().expect("a key"),
            tab: "t1".parse().expect("a tab id"),
            schema: 1,
            token: None,
            // Each page has its own.
            seed: disk.len() as u64,
        };
        let now = Now { mono: Duration::from_secs(1), wall: UnixMs(1_700_000_000_000) };
        let mut page =
            Self { engine: Engine::new(config, identity), disk, ui, now, epoch: SocketEpoch(0), is_open: false };
        page.drain();
        page
    }

    /// A page that is live on a board.
    pub(crate) fn on_board(board: &[String], ui: Ui) -> Self {
        let mut page = Self::load(MemoryOutbox::default(), ui);
        page.go_live(board);
        page
    }

    pub(crate) fn go_live(&mut self, board: &[String]) {
        self.engine.subscribe(Channel::Board(server::main_board()).into());
        self.input(Input::Connect);
        assert!(self.is_open, "the engine opens a socket");
        self.input(Input::Socket { epoch: self.epoch, event: SocketEvent::Opened });
        self.receive(server::greeting().into_iter().chain(board.iter().cloned()));
    }

    pub(crate) fn go_offline(&mut self) {
        self.input(Input::Online(false));
    }

    pub(crate) fn receive(&mut self, frames: impl IntoIterator<Item = String>) {
        for frame in frames {
            self.input(Input::Socket { epoch: self.epoch, event: SocketEvent::Frame(frame) });
        }
    }

    pub(crate) fn apply(&mut self, edit: Edit) {
        self.now.wall.0 += 1;
        self.engine.apply(edit, self.now).expect("the edit applies");
        self.drain();
    }

    fn input(&mut self, input: Input) {
        self.engine.handle_input(input, self.now);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::OpenSocket(epoch) => (self.epoch, self.is_open) = (epoch, true),
                Output::Store(request) => {
                    if let Some(reply) = self.disk.handle(request) {
                        self.engine.handle_input(Input::Stored(reply), self.now);
                    }
                }
                Output::Changed(keys) if self.ui == Ui::Reads => keys.iter().for_each(|key| self.read(key)),
                output => drop(black_box(output)),
            }
        }
    }

    /// Reads a key as the components subscribed to it would.
    fn read(&self, key: &Key) {
        match key {
            Key::Connection => drop(black_box(self.engine.connection_view())),
            Key::Sync => drop(black_box(self.engine.sync_view())),
            Key::Board(board) => drop(black_box(self.engine.board_view(board))),
            Key::Entity(board, entity) => drop(black_box(self.engine.entity_view(board, entity))),
            _ => {}
        }
    }
}
