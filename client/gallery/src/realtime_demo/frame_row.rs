use std::rc::Rc;

use serde_json::Value;
use tideboard_ui::format::{Precision, bytes, clock};
use yew::prelude::*;

use crate::faults::{Direction, Fate, Frame};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct FrameRowProps {
    pub(super) frame: Rc<Frame>,
    /// Local time less UTC, minutes.
    pub(super) offset_min: i32,
}

/// Row of one frame, with its text on demand.
#[component]
pub(super) fn FrameRow(props: &FrameRowProps) -> Html {
    let FrameRowProps { frame, offset_min } = props;
    let is_open = use_state(|| false);
    let onclick = {
        let is_open = is_open.clone();
        move |_: MouseEvent| is_open.set(!*is_open)
    };
    let time = format!("{}.{:03}", clock(frame.at, *offset_min, Precision::Seconds), frame.at.0 % 1_000);
    let (way, arrow) = match frame.direction {
        Direction::In => ("in", "↓"),
        Direction::Out => ("out", "↑"),
    };
    let fate = match frame.fate {
        Fate::Passed => "",
        Fate::Delayed => "delayed",
        Fate::Dropped => "lost",
    };
    html! {
        <>
            <tr data-way={way} data-fate={fate}>
                <td>{ time }</td>
                <td><span aria-hidden="true">{ arrow }</span>{ " " }{ way }</td>
                <td>
                    if frame.text.is_empty() {
                        { &frame.kind }
                    } else {
                        <button type="button" class="demo-kind" aria-expanded={is_open.to_string()} {onclick}>
                            { &frame.kind }
                        </button>
                    }
                </td>
                <td class="demo-number">{ bytes(frame.bytes as f64) }</td>
                <td>{ fate }</td>
            </tr>
            if *is_open {
                <tr class="demo-json"><td colspan="5"><pre>{ pretty(frame) }</pre></td></tr>
            }
        </>
    }
}

fn pretty(frame: &Frame) -> String {
    if frame.is_cut_short() {
        return format!("{}… and more that is not kept", frame.text);
    }
    let value: Option<Value> = serde_json::from_str(&frame.text).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| frame.text.clone())
}
