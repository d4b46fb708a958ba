use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct SliderProps {
    /// Accessible name.
    pub(super) label: AttrValue,
    pub(super) value: u32,
    pub(super) max: u32,
    pub(super) step: u32,
    /// Unit, shown behind the number.
    pub(super) unit: &'static str,
    pub(super) on_change: Callback<u32>,
}

/// Slider for a number from 0 on, with its unit.
#[component]
pub(super) fn Slider(props: &SliderProps) -> Html {
    let SliderProps { label, value, max, step, unit, on_change } = props;
    let oninput = {
        let on_change = on_change.clone();
        let before = *value;
        move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            on_change.emit(input.value().parse().unwrap_or(before));
        }
    };
    let words = format!("{value} {unit}");
    html! {
        <label class="demo-slider">
            <span>{ label }</span>
            <input type="range" min="0" max={max.to_string()} step={step.to_string()} value={value.to_string()}
                aria-label={label.clone()} aria-valuetext={words.clone()} {oninput} />
            <output>{ words }</output>
        </label>
    }
}
