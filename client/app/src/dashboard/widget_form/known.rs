use tideboard_shared::topics;

use crate::widget::ValueUnit;

/// A stream that every server has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct KnownStream {
    pub(super) topic: &'static str,
    pub(super) label: &'static str,
    pub(super) unit: ValueUnit,
    /// End of its scale: a number or a topic.
    pub(super) top: Option<&'static str>,
}

const fn stream(topic: &'static str, label: &'static str, unit: ValueUnit, top: Option<&'static str>) -> KnownStream {
    KnownStream { topic, label, unit, top }
}

/// Streams that the server measures of its machine and of itself.
pub(super) const KNOWN: [KnownStream; 18] = [
    stream(topics::HOST_CPU, "Processor", ValueUnit::Ratio, Some("1")),
    stream(topics::HOST_LOAD, "Load", ValueUnit::Plain, None),
    stream(topics::HOST_MEMORY, "Memory", ValueUnit::Bytes, Some(topics::HOST_MEMORY_TOTAL)),
    stream(topics::HOST_NETWORK_RX, "Received", ValueUnit::BytesPerSecond, None),
    stream(topics::HOST_NETWORK_TX, "Sent", ValueUnit::BytesPerSecond, None),
    stream(topics::HOST_DISK_READ, "Disk read", ValueUnit::BytesPerSecond, None),
    stream(topics::HOST_DISK_WRITE, "Disk written", ValueUnit::BytesPerSecond, None),
    stream(topics::HOST_DISK_USED, "Disk used", ValueUnit::Bytes, Some(topics::HOST_DISK_TOTAL)),
    stream(topics::SERVER_CONNECTIONS, "Connections", ValueUnit::Plain, None),
    stream(topics::SERVER_MESSAGES_IN, "Messages in, a second", ValueUnit::Plain, None),
    stream(topics::SERVER_MESSAGES_OUT, "Messages out, a second", ValueUnit::Plain, None),
    stream(topics::SERVER_BYTES_OUT, "Server sends", ValueUnit::BytesPerSecond, None),
    stream(topics::SERVER_OPERATIONS, "Operations a second", ValueUnit::Plain, None),
    stream(topics::SERVER_COMMIT_P50, "Commit, median", ValueUnit::Milliseconds, None),
    stream(topics::SERVER_COMMIT_P99, "Commit, 99th percentile", ValueUnit::Milliseconds, None),
    stream(topics::SERVER_FANOUT_P50, "Fan-out, median", ValueUnit::Milliseconds, None),
    stream(topics::SERVER_FANOUT_P99, "Fan-out, 99th percentile", ValueUnit::Milliseconds, None),
    stream(topics::SERVER_MEMORY, "Server's memory", ValueUnit::Bytes, None),
];

/// Times that charts can show, seconds.
pub(super) const WINDOWS: [(u32, &str); 4] =
    [(60, "1 minute"), (300, "5 minutes"), (900, "15 minutes"), (3_600, "1 hour")];

pub(super) fn known(topic: &str) -> Option<KnownStream> {
    KNOWN.into_iter().find(|stream| stream.topic == topic)
}
