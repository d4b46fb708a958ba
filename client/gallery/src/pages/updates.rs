//! The pages of the hooks that edit.

use std::{rc::Rc, time::Duration};

use serde::Deserialize;
use tideboard_client::hooks::{
    ConflictRule, Pacing, UseOptimisticUpdateOptions, UseRealtimeUpdatesOptions, UseUndoOptions,
    use_optimistic_update_with_options, use_realtime_updates_with_options, use_undo_with_options,
};
use tideboard_engine::{Body, Carrier, Choice as Chosen, Item, KeyFn, MergeInput, Policy};
use tideboard_shared::{Action, Fields};
use yew::prelude::*;

use super::controls::{Choice, Demo, NumberField, Toggle, act, board, logged, use_log};

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
struct Note {
    title: String,
}

fn add_one() -> Action {
    Action::Increment { field: "count".to_owned(), by: 1.into() }
}

#[component]
pub(super) fn RealtimeUpdates() -> Html {
    let (log, add) = use_log();
    let strategy = use_state(|| 0);
    let dedup = use_state(|| false);
    let paused = use_state(|| false);
    let manual = use_state(|| false);
    let millis = use_state(|| 500);
    let delay = Duration::from_millis((*millis).max(1).into());
    let policy = match *strategy {
        0 => Policy::Raf,
        1 => Policy::Batch { size: 10, delay },
        2 => Policy::Debounce { quiet: delay, max: delay * 4 },
        _ => Policy::Throttle { interval: delay },
    };
    let by_entity = use_memo((), |()| KeyFn::by_entity());
    let updates = use_realtime_updates_with_options(
        board(),
        UseRealtimeUpdatesOptions {
            strategy: Some(policy),
            dedup_by: dedup.then(|| (*by_entity).clone()),
            paused: *paused,
            delivery: if *manual { Carrier::Manual } else { Carrier::Auto },
            on_update: logged(&add, |items: Rc<[Item]>| format!("{} items: {}", items.len(), names(&items))),
            on_gap: logged(&add, |missed| format!("missed: {missed:?}")),
            on_conflict: logged(&add, |conflict| format!("conflict: {conflict:?}")),
            on_reject: logged(&add, |problem| format!("refused: {problem:?}")),
            ..Default::default()
        },
    );
    let facts = vec![
        ("status", format!("{:?}", updates.status())),
        ("held", updates.held().to_string()),
        ("pending", updates.pending().len().to_string()),
        ("conflicts", updates.conflicts().len().to_string()),
        ("position", updates.position().0.to_string()),
        ("age", format!("{:?}", updates.age())),
        ("rate", format!("{:.1} a second", updates.rate())),
    ];
    let [a, b, c, d] = std::array::from_fn(|_| updates.clone());
    let first = updates.pending().first().map(|edit| edit.id);
    let actions = html! {
        <>
            { act("Add 1 to the counter", move || drop(a.update("counter".into(), add_one()))) }
            { act("Confirm the oldest", move || first.map(|id| b.confirm(id))) }
            { act("Roll the oldest back", move || first.map(|id| c.rollback(id))) }
            { act("Resync", move || d.resync()) }
        </>
    };
    let controls = html! {
        <>
            <Choice label="strategy" names={&["raf", "batch", "debounce", "throttle"][..]} value={strategy} />
            <NumberField label="its delay, ms" value={millis} />
            <Toggle label="dedup_by entity" value={dedup} />
            <Toggle label="paused" value={paused} />
            <Toggle label="delivery: manual" value={manual} />
        </>
    };
    html! {
        <Demo about="A board's events at the pace that the component can take, and edits of it." {controls} {facts}
            {actions} {log} />
    }
}

fn names(items: &[Item]) -> String {
    let name = |item: &Item| match &item.body {
        Body::Event(event) => format!("{} {}", event.op.action.name(), event.op.entity),
        other => format!("{other:?}").chars().take(40).collect(),
    };
    items.iter().map(name).collect::<Vec<_>>().join(", ")
}

#[component]
pub(super) fn OptimisticUpdate() -> Html {
    let (log, add) = use_log();
    let rule = use_state(|| 0);
    let pacing = use_state(|| 1);
    let millis = use_state(|| 500);
    let merge = use_callback((), |input: MergeInput, ()| both(&input));
    let delay = Duration::from_millis((*millis).into());
    let note = use_optimistic_update_with_options::<Note>(
        board(),
        "welcome".into(),
        UseOptimisticUpdateOptions {
            on_conflict: match *rule {
                0 => ConflictRule::RemoteWins,
                1 => ConflictRule::LocalWins,
                2 => ConflictRule::Merge(merge),
                _ => ConflictRule::Ask,
            },
            pacing: [Pacing::None, Pacing::Debounce(delay), Pacing::Throttle(delay)][*pacing],
            on_reject: logged(&add, |problem| format!("refused: {problem:?}")),
            on_overdue: logged(&add, |edit| format!("overdue: {edit:?}")),
        },
    );
    let title = |note: Option<&Note>| note.map_or_else(|| "–".to_owned(), |note| note.title.clone());
    let facts = vec![
        ("value", title(note.value())),
        ("confirmed", title(note.confirmed())),
        ("pending", note.pending().to_string()),
        ("is_drafting", note.is_drafting().to_string()),
        ("conflict", format!("{:?}", note.conflict())),
        ("refusal", format!("{:?}", note.refusal().map(|notice| &notice.why))),
    ];
    let oninput = {
        let note = note.clone();
        move |event: InputEvent| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            note.draft([("title", input.value())]);
        }
    };
    let [a, b, c, d, e] = std::array::from_fn(|_| note.clone());
    let actions = html! {
        <>
            { act("Set at once", move || drop(a.set([("title", "Set")]))) }
            { act("Take the oldest back", move || b.edits().first().map(|edit| b.rollback(edit.id))) }
            { act("Resolve: mine", move || drop(c.resolve(Chosen::Mine))) }
            { act("Resolve: theirs", move || drop(d.resolve(Chosen::Theirs))) }
            { act("Dismiss", move || e.dismiss()) }
        </>
    };
    let controls = html! {
        <>
            <Choice label="on_conflict" names={&["RemoteWins", "LocalWins", "Merge", "Ask"][..]} value={rule} />
            <Choice label="pacing" names={&["none", "debounce", "throttle"][..]} value={pacing} />
            <NumberField label="its time, ms" value={millis} />
        </>
    };
    let value = note.value().map(|note| note.title.clone()).unwrap_or_default();
    html! {
        <Demo about="One entity that shows the user's edits at once: the title of the note on the board." {controls}
            {facts} {actions} {log}>
            <label>{ "Title, as a draft" }<input {value} {oninput} /></label>
        </Demo>
    }
}

/// Both titles, one after the other.
fn both(input: &MergeInput) -> Option<Fields> {
    let side = |fields: &Fields| fields.get("title").and_then(|title| title.as_str()).unwrap_or_default().to_owned();
    let title = format!("{} / {}", side(&input.mine), side(&input.theirs));
    Some(Fields::from([("title".to_owned(), title.into())]))
}

#[component]
pub(super) fn Undo() -> Html {
    let (log, add) = use_log();
    let options = UseUndoOptions { on_reject: logged(&add, |problem| format!("refused: {problem:?}")) };
    let undo = use_undo_with_options(board(), options);
    let realtime = tideboard_client::hooks::use_realtime();
    let facts = vec![("can_undo", undo.can_undo().to_string()), ("can_redo", undo.can_redo().to_string())];
    let edit = move || drop(realtime.apply(tideboard_engine::Edit::new(board(), "counter", add_one()), |_| {}));
    let a = undo.clone();
    let b = undo;
    let add_a = add.clone();
    let add_b = add;
    let actions = html! {
        <>
            { act("Add 1 to the counter", edit) }
            { act("Undo", move || add_a.emit(format!("undo: {:?}", a.undo()))) }
            { act("Redo", move || add_b.emit(format!("redo: {:?}", b.redo()))) }
        </>
    };
    html! { <Demo about="Takes back one's own edits of a board, and only those." {facts} {actions} {log} /> }
}
