//! Parts that the gallery's pages are made of.

use std::rc::Rc;

use tideboard_shared::BoardId;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// Most lines of a log; the oldest are dropped first.
const LINES: usize = 20;

/// Board that every page uses.
pub(super) fn board() -> BoardId {
    "main".parse().expect("a valid name")
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct DemoProps {
    /// Purpose of the hook.
    pub(super) about: AttrValue,
    /// Controls for the hook's options. Default: none.
    #[prop_or_default]
    pub(super) controls: Html,
    /// Values that the hook returns, by name. Default: none.
    #[prop_or_default]
    pub(super) facts: Vec<(&'static str, String)>,
    /// Buttons for the hook's methods. Default: none.
    #[prop_or_default]
    pub(super) actions: Html,
    /// Callbacks that the hook has called. Default: no log.
    #[prop_or_default]
    pub(super) log: Option<Log>,
    #[prop_or_default]
    pub(super) children: Html,
}

/// Page of one hook.
#[component]
pub(super) fn Demo(props: &DemoProps) -> Html {
    let fact = |(name, value): &(&'static str, String)| html! { <><dt>{ name }</dt><dd>{ value }</dd></> };
    html! {
        <>
            <p>{ &props.about }</p>
            if props.controls != Html::default() {
                <fieldset class="gallery-controls"><legend>{ "Options" }</legend>{ props.controls.clone() }</fieldset>
            }
            <dl class="gallery-facts">{ for props.facts.iter().map(fact) }</dl>
            <div class="gallery-actions">{ props.actions.clone() }</div>
            { props.children.clone() }
            if let Some(log) = &props.log {
                <ol class="gallery-log" aria-label="What was told">
                    { for log.lines.iter().map(|line| html! { <li>{ line }</li> }) }
                </ol>
            }
        </>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct ToggleProps {
    pub(super) label: AttrValue,
    pub(super) value: UseStateHandle<bool>,
}

/// Control for an option that is on or off.
#[component]
pub(super) fn Toggle(props: &ToggleProps) -> Html {
    let value = props.value.clone();
    let onchange = move |_| value.set(!*value);
    html! { <label><input type="checkbox" checked={*props.value} {onchange} />{ &props.label }</label> }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct NumberProps {
    pub(super) label: AttrValue,
    pub(super) value: UseStateHandle<u32>,
}

/// Control for an option that is a number.
#[component]
pub(super) fn NumberField(props: &NumberProps) -> Html {
    let value = props.value.clone();
    let onchange = move |event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        value.set(input.value().parse().unwrap_or(*value));
    };
    html! { <label>{ &props.label }<input type="number" min="0" value={props.value.to_string()} {onchange} /></label> }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct ChoiceProps {
    pub(super) label: AttrValue,
    pub(super) names: &'static [&'static str],
    /// Index of the chosen option.
    pub(super) value: UseStateHandle<usize>,
}

/// Control for an option with several values.
#[component]
pub(super) fn Choice(props: &ChoiceProps) -> Html {
    let value = props.value.clone();
    let onchange = move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        value.set(usize::try_from(select.selected_index()).unwrap_or_default());
    };
    let option = |(at, name): (usize, &&'static str)| html! { <option selected={at == *props.value}>{ name }</option> };
    html! {
        <label>{ &props.label }<select {onchange}>{ for props.names.iter().enumerate().map(option) }</select></label>
    }
}

/// Button that calls a function and drops the result; the effect shows elsewhere.
pub(super) fn act<R>(label: &'static str, act: impl Fn() -> R + 'static) -> Html {
    let onclick = Callback::from(move |_: MouseEvent| drop(act()));
    html! { <button type="button" {onclick}>{ label }</button> }
}

/// Log of a hook's callbacks, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Log {
    lines: Vec<String>,
}

impl Reducible for Log {
    type Action = String;

    fn reduce(self: Rc<Self>, line: String) -> Rc<Self> {
        let mut lines = self.lines.clone();
        lines.push(line);
        lines.drain(..lines.len().saturating_sub(LINES));
        Self { lines }.into()
    }
}

/// Creates a log, and a callback that adds a line to it.
#[hook]
pub(super) fn use_log() -> (Log, Callback<String>) {
    let log = use_reducer(Log::default);
    let add = use_callback(log.dispatcher(), |line, log| log.dispatch(line));
    (Log::clone(&log), add)
}

/// Wraps a log as a callback, which adds its argument in words.
pub(super) fn logged<T: 'static>(add: &Callback<String>, words: impl Fn(T) -> String + 'static) -> Callback<T> {
    let add = add.clone();
    Callback::from(move |what| add.emit(words(what)))
}
