//! Frame of a widget, filled from the engine: freshness, pending edits, refusals and retry.

use std::{collections::BTreeSet, rc::Rc, sync::Arc, time::Duration};

use tideboard_client::hooks::{
    UseWidgetStatusHandle, UseWidgetStatusOptions, WidgetProblem, WidgetStatus, use_channel, use_store_with, use_watch,
    use_widget_status,
};
use tideboard_engine::{Notice, RefreshError};
use tideboard_shared::{BoardId, Channel, Entity, EntityId};
use yew::prelude::*;
use yew_hooks::use_latest;

use super::{FrameMessage, WidgetFrame};

/// Properties of [`WidgetRealtime`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct WidgetRealtimeProps {
    /// Entity of the widget.
    pub widget_id: EntityId,
    /// Board that the widget is on.
    pub board: BoardId,
    /// Title of the widget.
    pub title: AttrValue,
    /// Sources of the content besides the board: streams, presence, notifications. Default: none.
    #[prop_or_default]
    pub channels: Vec<Channel>,
    /// Counts the board's freshness besides that of `channels`. Default true.
    #[prop_or(true)]
    pub follows_board: bool,
    /// Paused by the user. Default false.
    #[prop_or_default]
    pub paused: bool,
    /// Emptiness: there is nothing to show, as far as is known. Default false.
    #[prop_or_default]
    pub is_empty: bool,
    /// Age of the newest point of the streams from which the widget counts as stale. Default 5 s.
    #[prop_or(Duration::from_secs(5))]
    pub stale_after: Duration,
    /// Counts edits that the server does not have yet: in `on_update`, and as the pending mark. Default true.
    #[prop_or(true)]
    pub enable_optimistic: bool,
    /// Called with the widget's entity at first and whenever it changes, without a render; `None` while it does not
    /// exist or is not loaded.
    #[prop_or_default]
    pub on_update: Callback<Option<Arc<Entity>>>,
    /// Called when the widget cannot be shown, an edit of it was refused, or a retry brought nothing.
    #[prop_or_default]
    pub on_error: Callback<WidgetProblem>,
    /// Called when the widget is up to date, at first and again after it was not.
    #[prop_or_default]
    pub on_sync: Callback<()>,
    /// Others who edit the widget, such as an `EditorMark`.
    #[prop_or_default]
    pub people: Html,
    /// Buttons of this widget.
    #[prop_or_default]
    pub actions: Html,
    /// Menu that every widget has, at the very end.
    #[prop_or_default]
    pub menu: Html,
    /// Message in place of the widget while it is empty. A denied or broken widget says why by itself.
    #[prop_or_default]
    pub message: Option<FrameMessage>,
    /// Less room around the content. Default false.
    #[prop_or_default]
    pub is_compact: bool,
    /// Kind of widget, as the attribute `data-kind`.
    #[prop_or_default]
    pub kind: Option<AttrValue>,
    /// Id of the outer element.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// Style of the outer element, such as its place in a grid.
    #[prop_or_default]
    pub style: Option<AttrValue>,
    /// Place in the tab order. Default: not in it.
    #[prop_or_default]
    pub tabindex: Option<AttrValue>,
    /// Reference to the outer element.
    #[prop_or_default]
    pub node: NodeRef,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
    /// The widget.
    #[prop_or_default]
    pub children: Html,
}

/// Frame of one widget, with its freshness: live, catching up, polled, offline, paused, stale, thinned, denied, broken.
/// Needs a `RealtimeProvider`.
///
/// ```no_run
/// use tideboard_ui::components::WidgetRealtime;
/// use yew::prelude::*;
///
/// #[component]
/// fn Cpu() -> Html {
///     let channels = vec!["stream:host.cpu".parse().expect("a channel")];
///     let board: tideboard_shared::BoardId = "main".parse().expect("a name");
///     let widget_id = tideboard_shared::EntityId::from("cpu");
///     html! { <WidgetRealtime {widget_id} {board} title="CPU" {channels}>{ "…" }</WidgetRealtime> }
/// }
/// ```
///
/// | property | default | |
/// |---|---|---|
/// | `widget_id`, `board`, `title` | – | the entity, its board, the heading |
/// | `channels` | none | sources of the content besides the board |
/// | `follows_board` | true | counts the board's freshness besides theirs |
/// | `paused`, `is_empty` | false | paused by the user; nothing to show |
/// | `stale_after` | 5 s | age of the newest point from which the widget is stale |
/// | `enable_optimistic` | true | counts edits that the server does not have yet |
/// | `on_update` | none | called with the entity, at first and whenever it changes, without a render |
/// | `on_error` | none | called when it cannot be shown, an edit was refused, or a retry brought nothing |
/// | `on_sync` | none | called when it is up to date, at first and again |
/// | `people`, `actions`, `menu`, `message`, `children` | none | parts of the [`WidgetFrame`] |
/// | `is_compact`, `kind`, `id`, `style`, `tabindex`, `node`, `class` | none | attributes of the [`WidgetFrame`] |
///
/// Keeps the board subscribed. Streams are subscribed to by the components that draw them, at the rate that they want.
/// Renders when its state or its number of pending edits changes, not with the data. A stale, denied or broken widget
/// has a button that asks for the data again.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[component]
pub fn WidgetRealtime(props: &WidgetRealtimeProps) -> Html {
    let WidgetRealtimeProps { widget_id, board, enable_optimistic, on_error, .. } = props;
    use_channel(Channel::Board(board.clone()).into());
    let widget = use_widget_status(UseWidgetStatusOptions {
        board: props.follows_board.then(|| board.clone()),
        channels: props.channels.clone(),
        paused: props.paused,
        stale_after: props.stale_after,
    });
    let key = (board.clone(), widget_id.clone());
    let pending = use_store_with((key.clone(), *enable_optimistic), |reader, ((board, id), is_counted)| {
        if *is_counted { reader.entity(board, id).map_or(0, |view| view.pending) } else { 0 }
    });
    use_updates(key.clone(), *enable_optimistic, props.on_update.clone());
    use_refusals(key, on_error.clone());
    use_news(&widget, on_error.clone(), props.on_sync.clone());
    let on_retry = use_callback((widget.clone(), on_error.clone()), |(), (widget, on_error)| {
        let on_error = on_error.clone();
        widget.retry_with(Callback::from(move |end: Result<(), RefreshError>| {
            if let Err(error) = end {
                on_error.emit(WidgetProblem::NotRefreshed(error));
            }
        }));
    });
    let status = shown(widget.status(), props.is_empty);
    html! {
        <WidgetFrame title={props.title.clone()} {status} pending={*pending} people={props.people.clone()}
            actions={props.actions.clone()} menu={props.menu.clone()} message={message(&widget, props.message.as_ref())}
            on_retry={Some(on_retry)} is_compact={props.is_compact} widget={AttrValue::from(widget_id.to_string())}
            kind={props.kind.clone()} id={props.id.clone()} style={props.style.clone()}
            tabindex={props.tabindex.clone()}
            node={props.node.clone()} class={props.class.clone()}>
            { props.children.clone() }
        </WidgetFrame>
    }
}

/// Status with emptiness counted in: to be empty is news only while the content is current.
fn shown(status: WidgetStatus, is_empty: bool) -> WidgetStatus {
    match status {
        WidgetStatus::Live | WidgetStatus::Thinned if is_empty => WidgetStatus::Empty,
        status => status,
    }
}

/// Message in place of the widget: why it is refused, or the application's words for an empty one.
fn message(widget: &UseWidgetStatusHandle, own: Option<&FrameMessage>) -> Option<FrameMessage> {
    let Some(problem) = widget.problem() else { return own.cloned() };
    let title = match problem {
        WidgetProblem::Denied { .. } => "No access",
        WidgetProblem::LeftOut { .. } | WidgetProblem::Refused(_) | WidgetProblem::NotRefreshed(_) => {
            "This cannot be shown"
        }
    };
    Some(FrameMessage::new(title, problem.in_words()))
}

/// Reports the entity, as the user sees it or as the server has confirmed it.
#[hook]
fn use_updates(key: (BoardId, EntityId), is_optimistic: bool, on_update: Callback<Option<Arc<Entity>>>) {
    let tell = on_update.reform(|entity: Rc<Option<Arc<Entity>>>| Option::clone(&entity));
    let select = |reader: &tideboard_engine::Reader<'_>, ((board, id), is_optimistic): &((BoardId, EntityId), bool)| {
        if *is_optimistic { reader.entity(board, id).map(|view| view.entity) } else { reader.confirmed(board, id) }
    };
    use_watch((key, is_optimistic), select, tell);
}

/// Reports edits of the entity that were refused, each once.
#[hook]
fn use_refusals(key: (BoardId, EntityId), on_error: Callback<WidgetProblem>) {
    let told = use_mut_ref(BTreeSet::<u64>::new);
    let tell = Callback::from(move |notices: Rc<Vec<Notice>>| {
        for notice in notices.iter() {
            if told.borrow_mut().insert(notice.id) {
                on_error.emit(WidgetProblem::Refused(notice.clone()));
            }
        }
        told.borrow_mut().retain(|id| notices.iter().any(|notice| notice.id == *id));
    });
    let select = |reader: &tideboard_engine::Reader<'_>, (board, id): &(BoardId, EntityId)| {
        let is_mine = |notice: &Notice| notice.board == *board && notice.entity == *id;
        reader.notices().into_iter().filter(is_mine).collect::<Vec<_>>()
    };
    use_watch(key, select, tell);
}

/// Reports that the widget has become current, or cannot be shown.
#[hook]
fn use_news(widget: &UseWidgetStatusHandle, on_error: Callback<WidgetProblem>, on_sync: Callback<()>) {
    // Effects depend on the status alone: a new callback must not report the same news again.
    let told = use_latest((on_error, on_sync));
    use_effect_with(is_current(widget.status()), {
        let told = told.clone();
        move |is_current| {
            if *is_current {
                told.current().1.emit(());
            }
        }
    });
    use_effect_with(widget.problem().cloned(), move |problem| {
        if let Some(problem) = problem {
            told.current().0.emit(problem.clone());
        }
    });
}

fn is_current(status: WidgetStatus) -> bool {
    match status {
        WidgetStatus::Live | WidgetStatus::Thinned | WidgetStatus::Empty => true,
        WidgetStatus::Loading
        | WidgetStatus::CatchingUp
        | WidgetStatus::Polled
        | WidgetStatus::Offline
        | WidgetStatus::Paused
        | WidgetStatus::Stale(_)
        | WidgetStatus::Denied
        | WidgetStatus::Error => false,
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn nothing_to_show_is_said_only_of_what_is_current() {
        assert_eq!(shown(WidgetStatus::Live, true), WidgetStatus::Empty);
        assert_eq!(shown(WidgetStatus::Live, false), WidgetStatus::Live);
        assert_eq!(shown(WidgetStatus::Offline, true), WidgetStatus::Offline);
        assert_eq!(shown(WidgetStatus::Loading, true), WidgetStatus::Loading);
    }
}
