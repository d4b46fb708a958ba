//! What the pages are made of.

use std::rc::Rc;

use tideboard_shared::BoardId;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// Most lines of a log; the oldest go first.
const LINES: usize = 20;

/// The board that every page uses.
pub(super) fn board() -> BoardId {
    "main".parse().expect("a valid name")
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct DemoProps {
    /// What the hook is for.
    pub(super) about: AttrValue,
    /// Its options.
    #[prop_or_default]
    pub(super) controls: Html,
    /// What it gives, by name.
    #[prop_or_default]
    pub(super) facts: Vec<(&'static str, String)>,
    /// What it can do.
    #[prop_or_default]
    pub(super) actions: Html,
    /// What it told.
    #[prop_or_default]
    pub(super) log: Option<Log>,
    #[prop_or_default]
    pub(super) children: Html,
}

/// One hook's page.
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
                <ol class="gallery-log" aria-label="What was told">{ for log.lines.iter().map(|line| html! { <li>{ line }</li> }) }</ol>
            }
        </>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct ToggleProps {
    pub(super) label: AttrValue,
    pub(super) value: UseStateHandle<bool>,
}

/// An option that is on or off.
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

/// An option that is a number.
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
    /// The place of the one that is chosen.
    pub(super) value: UseStateHandle<usize>,
}

/// An option of which one is chosen.
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

/// A button that does something; what comes of it shows elsewhere.
pub(super) fn act<R>(label: &'static str, act: impl Fn() -> R + 'static) -> Html {
    let onclick = Callback::from(move |_: MouseEvent| drop(act()));
    html! { <button type="button" {onclick}>{ label }</button> }
}

/// What a hook told, oldest first.
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

/// A log and how to add to it.
#[hook]
pub(super) fn use_log() -> (Log, Callback<String>) {
    let log = use_reducer(Log::default);
    let add = use_callback(log.dispatcher(), |line, log| log.dispatch(line));
    (Log::clone(&log), add)
}

/// A callback that adds what it is called with to a log.
pub(super) fn logged<T: 'static>(add: &Callback<String>, words: impl Fn(T) -> String + 'static) -> Callback<T> {
    let add = add.clone();
    Callback::from(move |what| add.emit(words(what)))
}
