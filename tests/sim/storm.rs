//! Faults that can occur, and their rates.

/// Chances per frame or per step, 0 to 1, and how large the world is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Storm {
    pub(crate) name: &'static str,
    pub(crate) browsers: usize,
    /// Processes of the server over one log.
    pub(crate) nodes: usize,
    /// Most tabs of one browser at once.
    pub(crate) tabs: usize,
    pub(crate) network: NetworkFaults,
    pub(crate) server: ServerFaults,
    pub(crate) page: PageFaults,
    pub(crate) disk: DiskFaults,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct NetworkFaults {
    /// A frame is lost on a connection that goes on.
    pub(crate) drop: f64,
    /// A frame arrives twice.
    pub(crate) duplicate: f64,
    /// A frame is overtaken by later ones.
    pub(crate) reorder: f64,
    /// Longest delay of a frame, ms.
    pub(crate) delay_ms: u64,
    /// A connection breaks at a frame: it and all behind it are lost.
    pub(crate) tear: f64,
    /// A step cuts somebody's connection.
    pub(crate) disconnect: f64,
    /// A step makes somebody's connection a half-open one, which takes frames and delivers none.
    pub(crate) half_open: f64,
    /// A step keeps everything of one browser from the server and back, for a while.
    pub(crate) partition: f64,
    /// A step lets no socket of a browser reach the server for a while; REST still does.
    pub(crate) no_sockets: f64,
    /// A step tells a browser that there is no network, and soon that there is one again.
    pub(crate) offline: f64,
    /// A post, or its answer, is lost.
    pub(crate) post_loss: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct ServerFaults {
    /// A step kills a node: before, or between, commit and acknowledgement.
    pub(crate) crash: f64,
    /// A crash is one of all nodes, and they start on an older copy of the log: a new life of it.
    pub(crate) new_log: f64,
    /// A step makes a node go away in order, and come back.
    pub(crate) restart: f64,
    /// A step makes the log full, absent or slow for a while.
    pub(crate) log_failure: f64,
    /// An append gets no answer, whether it was carried out, is still to be, or never will.
    pub(crate) log_unknown: f64,
    /// Longest time until a node hears of what another wrote, ms.
    pub(crate) follow_ms: u64,
    /// A step makes a browser's token expire.
    pub(crate) expiry: f64,
    /// A step lets another machine write under a browser's client id: a thief, or a copy of its profile.
    pub(crate) impostor: f64,
    /// Time without an operation after which a board forgets a client, ms.
    pub(crate) forget_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct PageFaults {
    /// A step kills a page.
    pub(crate) crash: f64,
    /// A step opens a page.
    pub(crate) open: f64,
    /// A step closes a page in order.
    pub(crate) close: f64,
    /// A step puts a page to sleep for a while.
    pub(crate) freeze: f64,
    /// A waking page loses the messages that lie unread.
    pub(crate) amnesia: f64,
    /// A tab's message does not reach another one, or reaches it twice.
    pub(crate) mumble: f64,
    /// A step moves somebody's wall clock.
    pub(crate) clock_jump: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct DiskFaults {
    /// A step fills somebody's disk for a while.
    pub(crate) full: f64,
    /// A step makes somebody's disk slow for a while.
    pub(crate) slow: f64,
}

const CALM: NetworkFaults = NetworkFaults {
    drop: 0.0,
    duplicate: 0.0,
    reorder: 0.0,
    delay_ms: 30,
    tear: 0.0,
    disconnect: 0.0,
    half_open: 0.0,
    partition: 0.0,
    no_sockets: 0.0,
    offline: 0.0,
    post_loss: 0.0,
};
const BAD: NetworkFaults = NetworkFaults {
    drop: 0.03,
    duplicate: 0.05,
    reorder: 0.05,
    delay_ms: 400,
    tear: 0.005,
    disconnect: 0.02,
    half_open: 0.005,
    partition: 0.004,
    no_sockets: 0.006,
    offline: 0.005,
    post_loss: 0.1,
};
const SAFE: ServerFaults = ServerFaults {
    crash: 0.0,
    new_log: 0.0,
    restart: 0.0,
    log_failure: 0.0,
    log_unknown: 0.0,
    follow_ms: 50,
    expiry: 0.0,
    impostor: 0.0,
    forget_ms: None,
};
const FRAIL: ServerFaults = ServerFaults {
    crash: 0.012,
    new_log: 0.15,
    restart: 0.006,
    log_failure: 0.008,
    log_unknown: 0.03,
    follow_ms: 2_000,
    expiry: 0.004,
    impostor: 0.01,
    forget_ms: None,
};
const STEADY: PageFaults =
    PageFaults { crash: 0.0, open: 0.0, close: 0.0, freeze: 0.0, amnesia: 0.0, mumble: 0.0, clock_jump: 0.0 };
const RESTLESS: PageFaults =
    PageFaults { crash: 0.012, open: 0.05, close: 0.012, freeze: 0.02, amnesia: 0.3, mumble: 0.004, clock_jump: 0.01 };
const SOUND: DiskFaults = DiskFaults { full: 0.0, slow: 0.0 };
const POOR: DiskFaults = DiskFaults { full: 0.005, slow: 0.006 };

impl Storm {
    /// Storm without faults; frames take a little time.
    pub(crate) const fn calm() -> Self {
        Self { name: "calm", browsers: 3, nodes: 1, tabs: 2, network: CALM, server: SAFE, page: STEADY, disk: SOUND }
    }

    pub(crate) const fn network() -> Self {
        let page = PageFaults { clock_jump: 0.01, ..STEADY };
        let server = ServerFaults { impostor: 0.02, ..SAFE };
        Self { name: "network", tabs: 1, network: BAD, server, page, ..Self::calm() }
    }

    pub(crate) const fn crashes() -> Self {
        let page = PageFaults { crash: 0.02, open: 0.1, ..STEADY };
        Self { name: "crashes", tabs: 1, server: FRAIL, page, disk: POOR, ..Self::calm() }
    }

    pub(crate) const fn tabs() -> Self {
        Self { name: "tabs", browsers: 2, tabs: 3, page: RESTLESS, disk: POOR, ..Self::calm() }
    }

    pub(crate) const fn everything() -> Self {
        Self {
            name: "everything",
            browsers: 3,
            nodes: 2,
            tabs: 3,
            network: BAD,
            server: FRAIL,
            page: RESTLESS,
            disk: POOR,
        }
    }

    /// Two nodes on one log race each other, and fail.
    pub(crate) const fn nodes() -> Self {
        let network = NetworkFaults { tear: 0.002, disconnect: 0.02, no_sockets: 0.004, post_loss: 0.05, ..CALM };
        Self { name: "nodes", nodes: 2, tabs: 1, network, server: FRAIL, ..Self::calm() }
    }

    /// Browsers are away for longer than the server remembers them.
    pub(crate) const fn away() -> Self {
        let network = NetworkFaults { partition: 0.02, offline: 0.03, ..BAD };
        let server = ServerFaults { crash: 0.006, restart: 0.006, forget_ms: Some(1_500), ..SAFE };
        let page = PageFaults { crash: 0.01, open: 0.1, freeze: 0.02, ..STEADY };
        Self { name: "away", tabs: 2, network, server, page, ..Self::calm() }
    }

    /// The end of all faults.
    pub(crate) const fn over(self) -> Self {
        Self { network: CALM, server: SAFE, page: STEADY, disk: SOUND, ..self }
    }
}
