//! The board as it was: fetched for the address' `at`, shown read-only, and a way to bring one widget of it back.

use std::rc::Rc;

use tideboard_client::hooks::use_store_with;
use tideboard_shared::{Action, Board, BoardId, Entity, EntityId, Fields, Seq};
use tideboard_ui::components::{Icon, IconButton, RelativeTime};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{
    address::{Address, Here},
    context::{Past, use_loose_edit, use_page},
    fetch,
};

/// Knowledge of the board's past at one point.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PastState {
    /// The board as it is was asked for.
    Now,
    /// Requested, and on its way.
    Loading(Seq),
    There(Rc<Past>),
    /// Not to be shown, with the reason.
    Gone(Seq, AttrValue),
}

/// The board as it was at `at`.
#[hook]
pub(crate) fn use_past(board: BoardId, at: Option<Seq>) -> PastState {
    let state = use_state_eq(|| PastState::Now);
    use_effect_with((board, at), {
        let state = state.setter();
        move |(board, at)| {
            let is_wanted = Rc::new(std::cell::Cell::new(true));
            match *at {
                None => state.set(PastState::Now),
                Some(at) => {
                    state.set(PastState::Loading(at));
                    let board = board.clone();
                    let is_wanted = Rc::clone(&is_wanted);
                    spawn_local(async move {
                        let loaded = load(&board, at).await;
                        if is_wanted.get() {
                            state.set(loaded.unwrap_or_else(|why| PastState::Gone(at, why.into())));
                        }
                    });
                }
            }
            move || is_wanted.set(false)
        }
    });
    (*state).clone()
}

async fn load(board: &BoardId, at: Seq) -> Result<PastState, String> {
    let reply = fetch::board_at(board, at).await?;
    let made =
        fetch::events(board, Some(at.next()), 1).await.ok().and_then(|reply| reply.events.into_iter().next_back());
    let made = made.filter(|event| event.seq == at).map(|event| (event.at, event.by));
    let board = reply.entities.into_iter().collect::<Board>();
    Ok(PastState::There(Rc::new(Past { seq: reply.seq, made, board })))
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct PastBarProps {
    pub(crate) here: Here,
    pub(crate) state: PastState,
    /// The newest event there is.
    pub(crate) newest: Seq,
}

/// Says which point of the board's past is shown, and leads to others and back to now.
#[component]
pub(crate) fn PastBar(props: &PastBarProps) -> Html {
    let PastBarProps { here, state, newest } = props;
    let (at, words) = match state {
        PastState::Now => return Html::default(),
        PastState::Loading(at) => (*at, html! { <span>{ format!("Loading the board as it was at {}…", at.0) }</span> }),
        PastState::Gone(at, why) => {
            (*at, html! { <span>{ format!("The board at {} cannot be shown. {why}", at.0) }</span> })
        }
        PastState::There(past) => {
            let made =
                past.made.as_ref().map(|(at, by)| html! { <>{ format!(", by {by}, ") }<RelativeTime at={*at} /></> });
            (
                past.seq,
                html! { <span>{ format!("As it was after change {}", past.seq.0) }{ made }{ " · read-only" }</span> },
            )
        }
    };
    let go = |to: Option<Seq>| here.link_to(Address { at: to, ..here.address.clone() }).reform(|_: MouseEvent| ());
    let earlier = at.0.checked_sub(1).filter(|seq| *seq > 0).map(Seq);
    let later = Some(at.next()).filter(|seq| seq <= newest);
    html! {
        <div class="past-bar" role="status">
            { Html::from(Icon::History) }
            <span class="past-words">{ words }</span>
            <button type="button" onclick={go(earlier)} disabled={earlier.is_none()}>{ "Earlier" }</button>
            <button type="button" onclick={go(later)} disabled={later.is_none()}>{ "Later" }</button>
            <button type="button" class="button-primary" onclick={go(None)}>{ "Back to now" }</button>
        </div>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct RestoreWidgetProps {
    pub(crate) id: EntityId,
}

/// Makes a widget of today's board what it was, or brings it back. One edit, which undo takes back.
#[component]
pub(crate) fn RestoreWidget(props: &RestoreWidgetProps) -> Html {
    let page = use_page();
    let edit = use_loose_edit();
    let now = use_store_with((page.board.clone(), props.id.clone()), |reader, (board, id)| {
        reader.entity(board, id).map(|view| view.entity)
    });
    let Some(was) = page.past.as_ref().and_then(|past| past.board.entity(&props.id)).cloned() else {
        return Html::default();
    };
    let action = restoring(&was, now.as_deref());
    let onclick = {
        let id = props.id.clone();
        let page = page.clone();
        let action = action.clone();
        Callback::from(move |_: MouseEvent| {
            let Some(action) = action.clone() else { return };
            if edit.apply(id.clone(), action).local.is_ok() {
                page.say_done("Restored on today's board");
            }
        })
    };
    let label = if action.is_some() { "Restore this widget" } else { "The same as now" };
    html! { <IconButton icon={Icon::Undo} {label} {onclick} is_disabled={action.is_none()} /> }
}

/// Action that turns `now` into `was`; `None` where they are the same.
fn restoring(was: &Entity, now: Option<&Entity>) -> Option<Action> {
    let Some(now) = now else { return Some(Action::Create { kind: was.kind.clone(), fields: was.fields.clone() }) };
    let differs = |(name, value): &(&String, &serde_json::Value)| now.fields.get(*name) != Some(value);
    let set: Fields = was.fields.iter().filter(differs).map(|(name, value)| (name.clone(), value.clone())).collect();
    let unset: std::collections::BTreeSet<String> =
        now.fields.keys().filter(|name| !was.fields.contains_key(*name)).cloned().collect();
    (!set.is_empty() || !unset.is_empty()).then_some(Action::Patch { set, unset })
}
