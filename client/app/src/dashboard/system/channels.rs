use tideboard_client::hooks::UseRealtimeSubscriptionsHandle;
use tideboard_engine::{ChannelStatus, ChannelView};
use tideboard_ui::{
    components::RelativeTime,
    format::{bytes, number},
};
use yew::prelude::*;
use yew_hooks::use_interval;

/// Time between two readings of the counts, ms.
const EVERY_MS: u32 = 1_000;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct ChannelsProps {
    pub(super) plan: UseRealtimeSubscriptionsHandle,
}

/// Table of this tab's subscriptions and their traffic.
#[component]
pub(super) fn Channels(props: &ChannelsProps) -> Html {
    let update = use_force_update();
    use_interval(move || update.force_update(), EVERY_MS);
    let totals = props.plan.metrics();
    let row = |view: ChannelView| {
        let ChannelView { channel, status, metrics, .. } = view;
        html! {
            <tr key={channel.to_string()} data-channel={channel.to_string()}>
                <th scope="row">{ channel.to_string() }</th>
                <td>{ words(&status) }</td>
                <td class="number">{ number(metrics.received as f64) }</td>
                <td class="number">{ number(metrics.coalesced as f64) }</td>
                <td class="number">{ bytes(metrics.bytes as f64) }</td>
                <td class="number">
                    if let Some(at) = metrics.last_update { <RelativeTime {at} /> } else { { "–" } }
                </td>
            </tr>
        }
    };
    html! {
        <div class="scroll-box" tabindex="0" role="region" aria-label="Channels">
            <table class="facts-table">
                <thead>
                    <tr>
                        <th scope="col">{ "Channel" }</th><th scope="col">{ "State" }</th>
                        <th scope="col" class="number">{ "Received" }</th><th scope="col" class="number">{ "Folded" }</th>
                        <th scope="col" class="number">{ "Size" }</th><th scope="col" class="number">{ "Last" }</th>
                    </tr>
                </thead>
                <tbody>{ for props.plan.by_channel().into_iter().map(row) }</tbody>
                <tfoot>
                    <tr>
                        <th scope="row">{ "All" }</th><td />
                        <td class="number">{ number(totals.received as f64) }</td>
                        <td class="number">{ number(totals.coalesced as f64) }</td>
                        <td class="number">{ bytes(totals.bytes as f64) }</td><td />
                    </tr>
                </tfoot>
            </table>
        </div>
    }
}

fn words(status: &ChannelStatus) -> String {
    match status {
        ChannelStatus::Pending => "asked for".to_owned(),
        ChannelStatus::Active => "live".to_owned(),
        ChannelStatus::Lingering => "ends soon".to_owned(),
        ChannelStatus::Denied { reason } => format!("denied: {reason}"),
        ChannelStatus::LeftOut { limit } => format!("left out, {limit} is the most"),
    }
}
