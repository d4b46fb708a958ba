use std::rc::Rc;

use tideboard_client::{
    Feed, Series,
    components::WidgetStatus,
    format::{Unit, bytes, number, percent},
    hooks::{UseStreamOptions, use_feed, use_stream},
    widgets::Stat,
};
use yew::prelude::*;

use super::{chart_panel::ChartPanel, freshness::use_freshness, topic};

/// The host's state in four numbers.
#[component]
pub(crate) fn HostStats() -> Html {
    let cpu = use_stream(topic("host.cpu"));
    let load = use_stream(topic("host.load"));
    let (memory, memory_total) = (use_stream(topic("host.memory")), use_stream(topic("host.memory_total")));
    let (received, sent) = (use_stream(topic("host.network.rx")), use_stream(topic("host.network.tx")));
    let (disk, disk_total) = (use_stream(topic("host.disk.used")), use_stream(topic("host.disk.total")));
    let series = use_series([("", cpu.feed())]);
    let freshness = use_freshness(series);
    let is_stale = matches!(freshness, WidgetStatus::Stale(_));
    let of = |total: Option<f64>| total.map_or_else(String::new, |total| format!("of {}", bytes(total)));
    let fill = disk.value().zip(disk_total.value()).map(|(used, total)| used / total.max(1.0));
    let rate = |value: Option<f64>| value.map(|value| Unit::BytesPerSecond.format(value));
    let stats = [
        html! {
            <Stat title="CPU" value={text(cpu.value().map(percent))} feed={cpu.feed()} top={Some(1.0)} {is_stale}
                caption={load.value().map_or_else(String::new, |load| format!("load {}", number(load)))} />
        },
        html! {
            <Stat title="Memory" value={text(memory.value().map(bytes))} feed={memory.feed()} top={memory_total.value()}
                caption={of(memory_total.value())} {is_stale} />
        },
        html! {
            <Stat title="Received" value={text(rate(received.value()))} feed={received.feed()} {is_stale}
                caption={rate(sent.value()).map_or_else(String::new, |sent| format!("sent {sent}"))} />
        },
        html! {
            <Stat title="Disk" value={text(fill.map(percent))} fill={Some(fill.unwrap_or_default())} {is_stale}
                caption={of(disk_total.value())} />
        },
    ];
    html! { { for stats.into_iter().map(|stat| html! { <div class="span-3">{ stat }</div> }) } }
}

/// The processor and the memory over time.
#[component]
pub(crate) fn HostCharts() -> Html {
    let options = UseStreamOptions::default();
    let cpu = use_feed(topic("host.cpu"), options.clone());
    let memory = use_feed(topic("host.memory"), options);
    let memory_total = use_stream(topic("host.memory_total")).value();
    let (cpu, memory) = (use_series([("Busy", cpu)]), use_series([("Used", memory)]));
    html! {
        <>
            <ChartPanel title="Processor" series={cpu} unit={Unit::Ratio} top={Some(1.0)} />
            <ChartPanel title="Memory" series={memory} unit={Unit::Bytes} top={memory_total} />
        </>
    }
}

/// The network and the disk over time.
#[component]
pub(crate) fn IoCharts() -> Html {
    let options = UseStreamOptions::default();
    let received = use_feed(topic("host.network.rx"), options.clone());
    let sent = use_feed(topic("host.network.tx"), options.clone());
    let read = use_feed(topic("host.disk.read"), options.clone());
    let written = use_feed(topic("host.disk.write"), options);
    let network = use_series([("Received", received), ("Sent", sent)]);
    let disk = use_series([("Read", read), ("Written", written)]);
    html! {
        <>
            <ChartPanel title="Network" series={network} unit={Unit::BytesPerSecond} />
            <ChartPanel title="Disk" series={disk} unit={Unit::BytesPerSecond} />
        </>
    }
}

/// The same list as before while the feeds are the same, so that a chart is not set up anew.
#[hook]
fn use_series<const N: usize>(lines: [(&'static str, Feed); N]) -> Rc<[Series]> {
    let series: Rc<Rc<[Series]>> =
        use_memo(lines, |lines| lines.iter().map(|(label, feed)| Series::new(*label, feed.clone())).collect());
    Rc::clone(&series)
}

fn text(value: Option<String>) -> Option<AttrValue> {
    value.map(AttrValue::from)
}
