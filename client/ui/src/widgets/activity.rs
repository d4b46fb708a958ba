use std::{collections::BTreeSet, rc::Rc};

use tideboard_shared::{EntityId, Seq, UnixMs};
use web_sys::Element;
use yew::prelude::*;

use crate::components::{EmptyState, Icon, SelectField};

mod line;
mod runs;

use line::ActivityLine;
use runs::runs;

/// Scrolled distance up to which the list counts as at its beginning, pixels.
const AT_TOP: i32 = 8;

/// Change of a board, as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityEntry {
    /// Place in the board's log.
    pub seq: Seq,
    /// Author, by name.
    pub by: String,
    /// Time, by the user's clock.
    pub at: UnixMs,
    /// Entity that was changed.
    pub entity: EntityId,
    /// Kind of the entity, as the filter names it; empty where it is not known.
    pub kind: String,
    /// Change in words.
    pub text: ActivityText,
}

/// Words for a change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActivityText {
    /// Verb: `added`, `changed`, `renamed`, `moved`, `resized`, `counted`, `removed`.
    pub verb: &'static str,
    /// Kind of the entity for people, such as `order`.
    pub kind: String,
    /// Name of the entity; its id when it has none.
    pub label: String,
    /// The fields that were changed.
    pub changes: Vec<FieldChange>,
}

/// Field that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Name for people.
    pub field: String,
    /// Value before, where that is known and short.
    pub before: Option<String>,
    /// Value after, where that is known and short.
    pub after: Option<String>,
}

/// Properties of [`Activity`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ActivityProps {
    /// The changes, newest first; placeholders while absent.
    pub entries: Option<Rc<[ActivityEntry]>>,
    /// Called with a change: the user wants to see the board as it was then. No buttons when absent.
    #[prop_or_default]
    pub on_open: Option<Callback<Seq>>,
    /// Called when the user wants earlier changes; no button when absent, because there are none.
    #[prop_or_default]
    pub on_more: Option<Callback<()>>,
    /// Set while earlier changes are on their way.
    #[prop_or_default]
    pub is_loading_more: bool,
    /// Shows nothing new for now, but counts it.
    #[prop_or_default]
    pub is_paused: bool,
}

/// Changes of a board, newest first. New ones do not move the line that is being read: they are counted on a button.
#[component]
pub fn Activity(props: &ActivityProps) -> Html {
    let Some(entries) = &props.entries else {
        let line = |index: usize| {
            html! { <li key={index} class="activity-line"><span class="skeleton avatar" /><span class="skeleton skeleton-line">{ "\u{a0}" }</span></li> }
        };
        return html! { <ol class="activity-lines" aria-hidden="true">{ for (0..4).map(line) }</ol> };
    };
    if entries.is_empty() {
        return html! {
            <EmptyState icon={Icon::History} title="Nothing has changed yet" text="What people change on this board shows here as it happens." />
        };
    }
    html! { <Feed ..ActivityProps { entries: Some(Rc::clone(entries)), ..props.clone() } /> }
}

/// Selection of changes by the user.
#[derive(Debug, Clone, PartialEq, Default)]
struct Filter {
    /// Empty for everyone.
    by: AttrValue,
    /// Empty for every kind.
    kind: AttrValue,
}

impl Filter {
    fn admits(&self, entry: &ActivityEntry) -> bool {
        (self.by.is_empty() || self.by == entry.by) && (self.kind.is_empty() || self.kind == entry.kind)
    }
}

#[component]
fn Feed(props: &ActivityProps) -> Html {
    let entries = props.entries.clone().unwrap_or_default();
    let list = use_node_ref();
    let filter = use_state_eq(Filter::default);
    let newest = entries.first().map(|entry| entry.seq);
    let held = use_held(newest, props.is_paused);
    let onscroll = {
        let list = list.clone();
        let held = held.clone();
        let is_paused = props.is_paused;
        Callback::from(move |_: web_sys::Event| {
            let is_at_top = list.cast::<Element>().is_none_or(|list| list.scroll_top() <= AT_TOP);
            match (*held, is_at_top) {
                (None, false) => held.set(newest),
                (Some(_), true) if !is_paused => held.set(None),
                _ => {}
            }
        })
    };
    let show_new = {
        let list = list.clone();
        let held = held.setter();
        let is_paused = props.is_paused;
        Callback::from(move |_: MouseEvent| {
            held.set(newest.filter(|_| is_paused));
            if let Some(list) = list.cast::<Element>() {
                list.set_scroll_top(0);
            }
        })
    };
    let admitted: Vec<_> = entries.iter().filter(|entry| filter.admits(entry)).collect();
    let new = admitted.iter().filter(|entry| held.is_some_and(|held| entry.seq > held)).count();
    let shown = runs(admitted.into_iter().skip(new));
    let is_empty = shown.is_empty();
    let show_all = {
        let filter = filter.setter();
        Callback::from(move |_: MouseEvent| filter.set(Filter::default()))
    };
    html! {
        <div class="activity">
            <Filters entries={Rc::clone(&entries)} filter={(*filter).clone()}
                on_change={{ let filter = filter.setter(); Callback::from(move |chosen| filter.set(chosen)) }} />
            <div class="activity-new" role="status">
                if new > 0 {
                    <button type="button" onclick={show_new}>{ format!("{new} new") }</button>
                }
            </div>
            if is_empty && new == 0 {
                <EmptyState icon={Icon::History} title="No changes like that" text="Nothing among the latest changes."
                    action={html! { <button type="button" onclick={show_all}>{ "Show all" }</button> }} />
            } else {
                <ol ref={list} class="activity-lines" aria-label="Changes, newest first" tabindex="0" {onscroll}>
                    { for shown.into_iter().map(|run| html! {
                        <ActivityLine key={run.first.0} run={run.clone()} on_open={props.on_open.clone()} />
                    }) }
                    { more(props) }
                </ol>
            }
        </div>
    }
}

/// The newest change that is shown, while newer ones are only counted; none while all are shown.
#[hook]
fn use_held(newest: Option<Seq>, is_paused: bool) -> UseStateHandle<Option<Seq>> {
    let held = use_state_eq(|| None::<Seq>);
    let setter = held.setter();
    use_effect_with(is_paused, move |is_paused| setter.set(newest.filter(|_| *is_paused)));
    held
}

/// The way to earlier changes, as the last line.
fn more(props: &ActivityProps) -> Html {
    let button = |on_more: &Callback<()>| {
        let words = if props.is_loading_more { "Loading…" } else { "Show earlier changes" };
        html! {
            <li key="more" class="activity-more">
                <button type="button" disabled={props.is_loading_more} onclick={on_more.reform(|_| ())}>{ words }</button>
            </li>
        }
    };
    props.on_more.as_ref().map(button).unwrap_or_default()
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct FiltersProps {
    entries: Rc<[ActivityEntry]>,
    filter: Filter,
    on_change: Callback<Filter>,
}

/// Choice of an author and a kind.
#[component]
fn Filters(props: &FiltersProps) -> Html {
    let options = |all: &'static str, value: fn(&ActivityEntry) -> &str| {
        let values: BTreeSet<&str> = props.entries.iter().map(value).filter(|value| !value.is_empty()).collect();
        let first = (AttrValue::default(), AttrValue::from(all));
        std::iter::once(first)
            .chain(values.into_iter().map(|value| (value.to_owned().into(), value.to_owned().into())))
            .collect::<Vec<_>>()
    };
    let by = props.filter.clone();
    let kind = props.filter.clone();
    html! {
        <div class="activity-filters">
            <SelectField label="Changes by" value={props.filter.by.clone()} options={options("Everyone", |entry| &entry.by)}
                on_change={props.on_change.reform(move |chosen| Filter { by: chosen, ..by.clone() })} />
            <SelectField label="Changes of" value={props.filter.kind.clone()} options={options("Everything", |entry| &entry.kind)}
                on_change={props.on_change.reform(move |chosen| Filter { kind: chosen, ..kind.clone() })} />
        </div>
    }
}
