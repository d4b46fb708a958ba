use std::time::Duration;

use yew::prelude::*;

use super::{SettingsProps, slider::Slider};

/// Longest latency, ms.
const MOST_LATENCY_MS: u32 = 5_000;

/// Controls for the faults between the page and the server.
#[component]
pub(super) fn NetworkFaults(props: &SettingsProps) -> Html {
    let SettingsProps { settings, on_change } = props.clone();
    let oncut = on_change.reform(move |_: Event| {
        let mut settings = settings;
        settings.is_cut = !settings.is_cut;
        settings
    });
    let on_latency = on_change.reform(move |ms: u32| {
        let mut settings = settings;
        settings.latency = Duration::from_millis(ms.into());
        settings
    });
    let on_drop_in = on_change.reform(move |percent| {
        let mut settings = settings;
        settings.drop_in_percent = in_percent(percent);
        settings
    });
    let on_drop_out = on_change.reform(move |percent| {
        let mut settings = settings;
        settings.drop_out_percent = in_percent(percent);
        settings
    });
    let latency_ms = u32::try_from(settings.latency.as_millis()).unwrap_or(MOST_LATENCY_MS);
    html! {
        <fieldset class="demo-part">
            <legend>{ "Network" }</legend>
            <label class="demo-check">
                <input type="checkbox" checked={settings.is_cut} onchange={oncut} />{ "Cut the network" }
            </label>
            <Slider label="Latency, each way" unit="ms" value={latency_ms} max={MOST_LATENCY_MS} step={50}
                on_change={on_latency} />
            <Slider label="Frames lost from the server" unit="%" value={u32::from(settings.drop_in_percent)} max={100}
                step={5} on_change={on_drop_in} />
            <Slider label="Frames lost to the server" unit="%" value={u32::from(settings.drop_out_percent)} max={100}
                step={5} on_change={on_drop_out} />
        </fieldset>
    }
}

fn in_percent(value: u32) -> u8 {
    u8::try_from(value.min(100)).unwrap_or(100)
}
