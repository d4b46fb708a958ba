//! What can go wrong, and how often.

/// Chances per frame or per step, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Faults {
    /// A `submit` or `outcomes` frame is lost on a connection that goes on.
    pub(crate) drop: f64,
    /// A frame arrives twice.
    pub(crate) duplicate: f64,
    /// An `updates` or `outcomes` frame is overtaken by later ones.
    pub(crate) reorder: f64,
    /// Longest delay of a frame, ms.
    pub(crate) delay_ms: u64,
    /// A step cuts somebody's connection.
    pub(crate) disconnect: f64,
    /// A step makes somebody's connection a half-open one, which takes frames and delivers none.
    pub(crate) half_open: f64,
    /// A step tells somebody that there is no network, and soon that there is one again.
    pub(crate) offline: f64,
    /// A step kills the server: before, or between, commit and acknowledgement.
    pub(crate) server_crash: f64,
    /// A step makes the server's log refuse writes for a while.
    pub(crate) log_failure: f64,
    /// A step kills somebody's page; it comes back with the disk it had.
    pub(crate) client_crash: f64,
    /// A step moves somebody's wall clock.
    pub(crate) clock_jump: f64,
}

impl Faults {
    pub(crate) const fn none() -> Self {
        Self {
            drop: 0.0,
            duplicate: 0.0,
            reorder: 0.0,
            delay_ms: 20,
            disconnect: 0.0,
            half_open: 0.0,
            offline: 0.0,
            server_crash: 0.0,
            log_failure: 0.0,
            client_crash: 0.0,
            clock_jump: 0.0,
        }
    }

    pub(crate) const fn network() -> Self {
        Self {
            drop: 0.03,
            duplicate: 0.05,
            reorder: 0.05,
            delay_ms: 400,
            disconnect: 0.02,
            half_open: 0.005,
            offline: 0.005,
            clock_jump: 0.01,
            ..Self::none()
        }
    }

    pub(crate) const fn crashes() -> Self {
        Self { server_crash: 0.02, log_failure: 0.005, client_crash: 0.02, delay_ms: 60, ..Self::none() }
    }

    pub(crate) const fn all() -> Self {
        Self { server_crash: 0.01, log_failure: 0.004, client_crash: 0.01, ..Self::network() }
    }
}
