//! Topics of the streams that every server publishes by itself: its machine's (`host.*`) and its own (`server.*`).
//!
//! In: nothing. Out: names that the server's sources, the dashboard and a new board's widgets share. Never: topics of an
//! application's own.

/// Declares topics, and the list of all of them.
macro_rules! topics {
    ($($(#[$doc:meta])* $constant:ident = $name:literal;)*) => {
        $($(#[$doc])* pub const $constant: &str = $name;)*

        /// Every topic of this module.
        pub const ALL: &[&str] = &[$($constant),*];
    };
}

topics! {
    /// Processor use as a fraction of all cores, 0 to 1.
    HOST_CPU = "host.cpu";
    /// Processes that run or wait to, averaged over a minute. Absent where the system does not tell.
    HOST_LOAD = "host.load";
    /// Memory in use, bytes.
    HOST_MEMORY = "host.memory";
    /// Memory of the machine, bytes.
    HOST_MEMORY_TOTAL = "host.memory_total";
    /// Bytes received per second, all interfaces but loopback.
    HOST_NETWORK_RX = "host.network.rx";
    /// Bytes sent per second, all interfaces but loopback.
    HOST_NETWORK_TX = "host.network.tx";
    /// Bytes read per second, all disks.
    HOST_DISK_READ = "host.disk.read";
    /// Bytes written per second, all disks.
    HOST_DISK_WRITE = "host.disk.write";
    /// Bytes in use on all file systems on disks.
    HOST_DISK_USED = "host.disk.used";
    /// Size of all file systems on disks, bytes.
    HOST_DISK_TOTAL = "host.disk.total";

    /// Sockets open.
    SERVER_CONNECTIONS = "server.connections";
    /// Messages read from sockets per second.
    SERVER_MESSAGES_IN = "server.messages.in";
    /// Frames written to sockets per second.
    SERVER_MESSAGES_OUT = "server.messages.out";
    /// Bytes written to sockets per second, framing included, before TCP.
    SERVER_BYTES_OUT = "server.bytes.out";
    /// Operations decided per second, refused and repeated ones included.
    SERVER_OPERATIONS = "server.operations";
    /// Memory of the server's process, bytes. Absent where the system does not tell.
    SERVER_MEMORY = "server.memory";
    /// Channels that sockets read.
    SERVER_FANOUT_SUBSCRIBERS = "server.fanout.subscribers";
    /// Median of [`COMMIT`].
    SERVER_COMMIT_P50 = "server.commit.p50";
    /// 95th percentile of [`COMMIT`].
    SERVER_COMMIT_P95 = "server.commit.p95";
    /// 99th percentile of [`COMMIT`].
    SERVER_COMMIT_P99 = "server.commit.p99";
    /// Median of [`FANOUT`].
    SERVER_FANOUT_P50 = "server.fanout.p50";
    /// 95th percentile of [`FANOUT`].
    SERVER_FANOUT_P95 = "server.fanout.p95";
    /// 99th percentile of [`FANOUT`].
    SERVER_FANOUT_P99 = "server.fanout.p99";
}

/// Milliseconds from a submit's receipt, by socket or REST, until its outcomes were given to the socket's worker thread or
/// the waiting request: waiting, deciding, storing. Median, 95th and 99th percentile; no point when nothing was submitted.
pub const COMMIT: [&str; 3] = [SERVER_COMMIT_P50, SERVER_COMMIT_P95, SERVER_COMMIT_P99];

/// Milliseconds from the commit of the oldest event of an `updates` until a worker thread had put the frame into the queues
/// of all its readers, the wait for more events included; a sample for each message and worker, whatever the number of
/// readers. Median, 95th and 99th percentile; no point when nothing was sent.
pub const FANOUT: [&str; 3] = [SERVER_FANOUT_P50, SERVER_FANOUT_P95, SERVER_FANOUT_P99];

/// Returns whether points come only while there is work to measure, so that silence is no fault.
#[must_use]
pub fn is_sporadic(topic: &str) -> bool {
    COMMIT.contains(&topic) || FANOUT.contains(&topic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Topic;

    #[test]
    fn every_name_is_a_topic_and_there_once() {
        for name in ALL {
            assert!(name.parse::<Topic>().is_ok(), "{name}");
            assert_eq!(ALL.iter().filter(|other| *other == name).count(), 1, "{name}");
        }
    }
}
