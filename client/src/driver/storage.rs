use tideboard_engine::{MemoryOutbox, StoreReply, StoreRequest};

/// Where edits wait for the server: in memory, so a reload loses those that still wait.
#[derive(Debug, Default)]
pub(super) struct Storage {
    outbox: MemoryOutbox,
}

impl Storage {
    pub(super) fn handle(&mut self, request: StoreRequest) -> Option<StoreReply> {
        self.outbox.handle(request)
    }
}
