use std::{collections::BTreeMap, rc::Rc};

use tideboard_client::hooks::{UseRealtimeUpdatesOptions, use_realtime, use_realtime_updates_with_options};
use tideboard_engine::{Body, Item};
use tideboard_shared::{EntityId, Seq, message::Event};
use tideboard_ui::{
    components::FrameMessage,
    widgets::{Activity, ActivityEntry},
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{Panel, WidgetProps};
use crate::activity::entries_of;
use crate::dashboard::{address::Address, context::use_page, fetch};

/// Events fetched at a time.
const PAGE: usize = 100;
/// Most events kept; the oldest go first, and are fetched again on demand.
const KEPT: usize = 2_000;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct ActivityPanelProps {
    #[prop_or_else(|| EntityId::from("activity"))]
    pub(crate) id: EntityId,
    #[prop_or(AttrValue::Static("Activity"))]
    pub(crate) title: AttrValue,
    #[prop_or_default]
    pub(crate) menu: Html,
}

/// Widget of the board's changes.
#[component]
pub(super) fn ActivityWidget(props: &WidgetProps) -> Html {
    html! { <ActivityPanel id={props.item.id.clone()} title={props.title()} menu={props.menu.clone()} /> }
}

/// Knowledge of a board's events.
#[derive(Debug, Clone, PartialEq, Default)]
struct Known {
    events: BTreeMap<Seq, Rc<Event>>,
    /// The position before the first event that can be had; none until the server has said so.
    oldest: Option<Seq>,
    is_loading: bool,
    problem: Option<AttrValue>,
}

#[derive(Debug)]
enum KnownAction {
    Ask,
    /// Events that came live.
    Came(Rc<[Item]>),
    Page {
        events: Vec<Event>,
        oldest: Seq,
    },
    Failed(String),
}

impl Reducible for Known {
    type Action = KnownAction;

    fn reduce(self: Rc<Self>, action: KnownAction) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match action {
            KnownAction::Ask => next.is_loading = true,
            KnownAction::Came(items) => {
                let events = items.iter().filter_map(|item| match &item.body {
                    Body::Event(event) => Some((event.seq, Rc::clone(event))),
                    _ => None,
                });
                next.events.extend(events);
                while next.events.len() > KEPT {
                    next.events.pop_first();
                }
            }
            KnownAction::Page { events, oldest } => {
                next.events.extend(events.into_iter().map(|event| (event.seq, Rc::new(event))));
                next.oldest = Some(oldest);
                (next.is_loading, next.problem) = (false, None);
            }
            KnownAction::Failed(why) => (next.is_loading, next.problem) = (false, Some(why.into())),
        }
        next.into()
    }
}

/// List of the board's changes, with the way to the board as it was then.
#[component]
pub(crate) fn ActivityPanel(props: &ActivityPanelProps) -> Html {
    let page = use_page();
    let realtime = use_realtime();
    let known = use_reducer(Known::default);
    let on_update = {
        let known = known.dispatcher();
        Callback::from(move |items| known.dispatch(KnownAction::Came(items)))
    };
    let ask = use_callback((page.board.clone(), known.dispatcher()), |before: Option<Seq>, (board, known)| {
        let board = board.clone();
        let known = known.clone();
        known.dispatch(KnownAction::Ask);
        spawn_local(async move {
            known.dispatch(match fetch::events(&board, before, PAGE).await {
                Ok(reply) => KnownAction::Page { events: reply.events, oldest: reply.oldest },
                Err(why) => KnownAction::Failed(why),
            });
        });
    });
    let refetch = {
        let ask = ask.clone();
        Callback::from(move |_| ask.emit(None))
    };
    let options = UseRealtimeUpdatesOptions { on_update, on_gap: refetch, ..Default::default() };
    use_realtime_updates_with_options(page.board.clone(), options);
    use_effect_with(page.board.clone(), {
        let ask = ask.clone();
        move |_| ask.emit(None)
    });
    let entries: Rc<Option<Rc<[ActivityEntry]>>> =
        use_memo((known.events.clone(), known.oldest.is_some(), page.board.clone()), |(events, is_known, board)| {
            let entity = |id: &EntityId| realtime.read(|reader| reader.entity(board, id)).map(|view| view.entity);
            is_known.then(|| entries_of(events.values().map(Rc::as_ref), entity).into())
        });
    let first = known.events.first_key_value().map(|(seq, _)| *seq);
    let has_more = first.zip(known.oldest).is_some_and(|(first, oldest)| first > oldest.next());
    let on_more = has_more.then(|| ask.reform(move |()| first));
    let on_open = {
        let here = page.here.clone();
        Callback::from(move |at: Seq| {
            here.go(&Address { at: Some(at), ..here.address.tab(crate::dashboard::address::Tab::Overview) });
        })
    };
    let is_broken = known.problem.is_some() && known.oldest.is_none();
    let empty = known.problem.clone().filter(|_| is_broken).map(|why| FrameMessage {
        action: html! { <button type="button" onclick={ask.reform(|_: MouseEvent| None)}>{ "Try again" }</button> },
        ..FrameMessage::new("The past is not here yet", why)
    });
    html! {
        <Panel id={props.id.clone()} title={props.title.clone()} menu={props.menu.clone()} {empty}>
            <Activity entries={Option::clone(&entries)} on_open={Some(on_open)} {on_more} is_loading_more={known.is_loading} />
        </Panel>
    }
}
