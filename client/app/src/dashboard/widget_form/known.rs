use crate::widget::ValueUnit;

/// A stream that every server has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct KnownStream {
    pub(super) topic: &'static str,
    pub(super) label: &'static str,
    pub(super) unit: ValueUnit,
    /// Where its scale ends: a number or a topic.
    pub(super) top: Option<&'static str>,
}

const fn stream(topic: &'static str, label: &'static str, unit: ValueUnit, top: Option<&'static str>) -> KnownStream {
    KnownStream { topic, label, unit, top }
}

/// What the server measures of its machine and of itself.
pub(super) const KNOWN: [KnownStream; 18] = [
    stream("host.cpu", "Processor", ValueUnit::Ratio, Some("1")),
    stream("host.load", "Load", ValueUnit::Plain, None),
    stream("host.memory", "Memory", ValueUnit::Bytes, Some("host.memory_total")),
    stream("host.network.rx", "Received", ValueUnit::BytesPerSecond, None),
    stream("host.network.tx", "Sent", ValueUnit::BytesPerSecond, None),
    stream("host.disk.read", "Disk read", ValueUnit::BytesPerSecond, None),
    stream("host.disk.write", "Disk written", ValueUnit::BytesPerSecond, None),
    stream("host.disk.used", "Disk used", ValueUnit::Bytes, Some("host.disk.total")),
    stream("server.connections", "Connections", ValueUnit::Plain, None),
    stream("server.messages.in", "Messages in, a second", ValueUnit::Plain, None),
    stream("server.messages.out", "Messages out, a second", ValueUnit::Plain, None),
    stream("server.bytes.out", "Server sends", ValueUnit::BytesPerSecond, None),
    stream("server.operations", "Operations a second", ValueUnit::Plain, None),
    stream("server.commit.p50", "Commit, median", ValueUnit::Milliseconds, None),
    stream("server.commit.p99", "Commit, 99th percentile", ValueUnit::Milliseconds, None),
    stream("server.fanout.p50", "Fan-out, median", ValueUnit::Milliseconds, None),
    stream("server.fanout.p99", "Fan-out, 99th percentile", ValueUnit::Milliseconds, None),
    stream("server.memory", "Server's memory", ValueUnit::Bytes, None),
];

/// How far back charts go, seconds.
pub(super) const WINDOWS: [(u32, &str); 4] =
    [(60, "1 minute"), (300, "5 minutes"), (900, "15 minutes"), (3_600, "1 hour")];

pub(super) fn known(topic: &str) -> Option<KnownStream> {
    KNOWN.into_iter().find(|stream| stream.topic == topic)
}
