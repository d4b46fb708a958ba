use std::rc::Rc;

use tideboard_ui::{
    components::{FieldKind, SelectField, TextEdit, TextField},
    format::count_of,
};
use yew::prelude::*;
use yew_hooks::use_interval;

use super::{Control, frame_row::FrameRow};
use crate::faults::{Direction, Frame};

/// Time between two looks at the log.
const LOOK_EVERY_MS: u32 = 200;
/// Most rows shown, the newest ones.
const MOST_ROWS: usize = 100;

/// Directions to choose from: value and words.
const WAYS: [(&str, &str); 3] = [("", "Both ways"), ("in", "From the server"), ("out", "To the server")];

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct FrameTableProps {
    pub(super) control: Control,
}

/// Table of the frames between the page and the server, newest first.
#[component]
pub(super) fn FrameTable(props: &FrameTableProps) -> Html {
    let control = &props.control;
    // The newest frame's number beside the frames, so that nothing is copied while nothing passes.
    let shown = use_state(|| (0, Rc::<Vec<Rc<Frame>>>::default()));
    let is_paused = use_state(|| false);
    let filter = use_state(AttrValue::default);
    let way = use_state(AttrValue::default);
    use_interval(
        {
            let control = control.clone();
            let shown = shown.clone();
            move || {
                let last = control.last_frame();
                if last != shown.0 {
                    shown.set((last, Rc::new(control.frames())));
                }
            }
        },
        if *is_paused { 0 } else { LOOK_EVERY_MS },
    );
    let on_pause = {
        let is_paused = is_paused.clone();
        move |_: MouseEvent| is_paused.set(!*is_paused)
    };
    let on_clear = {
        let control = control.clone();
        let shown = shown.clone();
        move |_: MouseEvent| {
            control.clear_frames();
            shown.set((control.last_frame(), Rc::default()));
        }
    };
    let on_filter = filter.setter();
    let on_way = way.setter();
    let on_filter = Callback::from(move |edit: TextEdit| on_filter.set(edit.text.into()));
    let on_way = Callback::from(move |value| on_way.set(value));
    let options = WAYS.map(|(value, words)| (value.into(), words.into())).to_vec();
    let matching: Vec<_> = shown.1.iter().rev().filter(|frame| is_wanted(frame, &filter, &way)).collect();
    let offset_min = -(js_sys::Date::new_0().get_timezone_offset() as i32);
    let row = |frame: &&Rc<Frame>| html! { <FrameRow key={frame.no} frame={Rc::clone(frame)} {offset_min} /> };
    html! {
        <section class="demo-log" aria-label="Frame log">
            <div class="demo-log-head">
                <h3>{ "Frames" }</h3>
                <TextField class="demo-filter" label="Show frames with this text" placeholder="Filter"
                    kind={FieldKind::Line}
                    value={(*filter).clone()} on_commit={on_filter} />
                <SelectField label="Direction" value={(*way).clone()} {options} on_change={on_way} />
                <button type="button" onclick={on_pause} aria-pressed={is_paused.to_string()}>{ "Pause" }</button>
                <button type="button" onclick={on_clear}>{ "Clear" }</button>
                <span class="demo-count">{ count_of(matching.len(), "frame", "frames") }</span>
            </div>
            <div class="demo-rows" role="log" aria-live="off" aria-label="Frames, newest first" tabindex="0">
                <table>
                    <thead><tr>
                        <th scope="col">{ "Time" }</th><th scope="col">{ "Way" }</th><th scope="col">{ "Type" }</th>
                        <th scope="col" class="demo-number">{ "Size" }</th><th scope="col">{ "Fate" }</th>
                    </tr></thead>
                    <tbody>{ for matching.iter().take(MOST_ROWS).map(row) }</tbody>
                </table>
                if matching.is_empty() { <p class="demo-note">{ "Nothing has passed that would be shown here." }</p> }
            </div>
        </section>
    }
}

fn is_wanted(frame: &Frame, filter: &str, way: &str) -> bool {
    let is_this_way = match way {
        "in" => frame.direction == Direction::In,
        "out" => frame.direction == Direction::Out,
        _ => true,
    };
    is_this_way && (frame.kind.contains(filter) || frame.text.contains(filter))
}
