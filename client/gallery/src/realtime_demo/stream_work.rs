//! Controls for points published by someone else.

use tideboard_engine::SendResult;
use tideboard_shared::Topic;
use tideboard_ui::components::{FieldKind, TextEdit, TextField};
use yew::prelude::*;
use yew_hooks::use_interval;

use super::strangers_work::{Other, OtherHandle};

/// Time between two points.
const POINT_EVERY_MS: u32 = 100;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct StreamWorkProps {
    pub(super) other: OtherHandle,
    pub(super) on_said: Callback<AttrValue>,
}

/// Controls for publishing points to a stream as someone else.
#[component]
pub(super) fn StreamWork(props: &StreamWorkProps) -> Html {
    let topic = use_state(|| AttrValue::from("demo.wave"));
    let is_streaming = use_state(|| false);
    let publish = {
        let (StreamWorkProps { other, on_said }, topic) = (props.clone(), (*topic).clone());
        move || on_said.emit(publish(&other, &topic))
    };
    use_interval(publish.clone(), if *is_streaming { POINT_EVERY_MS } else { 0 });
    let on_topic = {
        let topic = topic.setter();
        Callback::from(move |edit: TextEdit| topic.set(edit.text.into()))
    };
    let onchange = {
        let is_streaming = is_streaming.clone();
        move |_: Event| is_streaming.set(!*is_streaming)
    };
    html! {
        <div class="demo-actions">
            <TextField class="demo-topic" label="Stream to publish to" kind={FieldKind::Line} value={(*topic).clone()}
                on_commit={on_topic} />
            <button type="button" onclick={Callback::from(move |_: MouseEvent| publish())}>
                { "Publish a point" }
            </button>
            <label class="demo-check">
                <input type="checkbox" checked={*is_streaming} {onchange} />{ "10 points a second" }
            </label>
        </div>
    }
}

fn publish(other: &Other, topic: &str) -> AttrValue {
    let topic: Topic = match topic.parse() {
        Ok(topic) => topic,
        Err(problem) => return format!("No such stream: {problem}").into(),
    };
    let seconds = js_sys::Date::now() / 1_000.0;
    match other.get().publish(topic, (seconds / 5.0).sin()) {
        SendResult::Sent | SendResult::Queued => "Someone else publishes.".into(),
        SendResult::Refused => "Someone else cannot publish now.".into(),
    }
}
