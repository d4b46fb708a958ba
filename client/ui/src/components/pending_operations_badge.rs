//! Badge and list of edits that wait for the server or for the user.
//!
//! In: the queue of the engine. Out: retry, roll back, discard, send again, export and import, as the user asks.

use tideboard_client::hooks::{use_realtime, use_store};
use tideboard_engine::{EditEnd, EditId, Refused};
use yew::prelude::*;
use yew_hooks::use_latest;

use super::{Icon, popover::use_popover};
use crate::format::count_of;

mod list;
mod panel;
mod transfer;
mod words;

pub use list::{PendingAction, PendingList, PendingListProps};
use panel::PendingPanel;

/// Properties of [`PendingOperationsBadge`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PendingOperationsBadgeProps {
    /// Makes the badge a button that lists the edits. Default true.
    #[prop_or(true)]
    pub show_details: bool,
    /// Most edits listed; the others are counted. Default `ui.max_pending_shown`, 10.
    #[prop_or_default]
    pub max_display: Option<usize>,
    /// Called when an edit of this page is saved, or taken back before it was.
    #[prop_or_default]
    pub on_operation_complete: Callback<EditId>,
    /// Called when an edit of this page is refused, with the reason.
    #[prop_or_default]
    pub on_operation_fail: Callback<(EditId, Refused)>,
    /// Called when the user wants to settle the conflicts; without it, they are only counted.
    #[prop_or_default]
    pub on_review: Option<Callback<()>>,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// Number of edits that wait for the server, with a list on demand: what, since when, how often tried, and what the
/// user can do about each. Needs a `RealtimeProvider`.
///
/// ```no_run
/// use tideboard_ui::components::PendingOperationsBadge;
/// use tideboard_engine::{EditId, Refused};
/// use yew::prelude::*;
///
/// #[component]
/// fn Head() -> Html {
///     let on_operation_fail = use_callback((), |(id, why): (EditId, Refused), ()| {
///         gloo::console::log!(format!("{id:?}: {why:?}"));
///     });
///     html! { <header><PendingOperationsBadge max_display={20} {on_operation_fail} /></header> }
/// }
/// ```
///
/// | property | default | |
/// |---|---|---|
/// | `show_details` | true | opens to list the edits |
/// | `max_display` | `ui.max_pending_shown` | most edits listed; the others are counted |
/// | `on_operation_complete` | none | called when an edit of this page is saved, or taken back |
/// | `on_operation_fail` | none | called when an edit of this page is refused |
/// | `on_review` | none | called on the button that leads to a [`super::ConflictResolution`] |
/// | `class` | none | more classes |
///
/// Takes the same room whatever it counts. Renders when a count changes; its list renders every second while it is
/// open. The reason why an action failed is shown beside the edit.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[component]
pub fn PendingOperationsBadge(props: &PendingOperationsBadgeProps) -> Html {
    let PendingOperationsBadgeProps { show_details, max_display, on_review, class, .. } = props;
    use_ends(props.on_operation_complete.clone(), props.on_operation_fail.clone());
    let popover = use_popover(Callback::noop());
    let counts = use_store(|reader| {
        let sync = reader.sync();
        Counts { pending: sync.pending, refused: sync.refused, conflicts: sync.conflicts }
    });
    let configured = use_store(|reader| reader.config().ui.max_pending_shown.get());
    let words = counts.in_words();
    let content = html! {
        <>
            { Html::from(if counts.to_settle() > 0 { Icon::Alert } else { Icon::Upload }) }
            <span class="badge-count" aria-hidden="true">{ counts.all() }</span>
            <span class="visually-hidden" role="status">{ words.clone() }</span>
        </>
    };
    let level = counts.level();
    html! {
        <div ref={popover.node.clone()} class={classes!("badge", class.clone())} data-level={level}
            data-pending={counts.pending.to_string()}>
            if *show_details {
                <button type="button" class="badge-button" title={words} aria-expanded={popover.is_open.to_string()}
                    aria-controls="pending-operations" onclick={popover.toggle()}>{ content }</button>
                <div id="pending-operations" class="badge-panel" hidden={!popover.is_open}>
                    if popover.is_open {
                        <PendingPanel limit={max_display.unwrap_or(*configured)} conflicts={counts.conflicts}
                            on_review={review(on_review.as_ref(), &popover.set_open)} />
                    }
                </div>
            } else {
                <span class="badge-button" title={words}>{ content }</span>
            }
        </div>
    }
}

/// Callback that opens the dialog for conflicts and closes this list.
fn review(on_review: Option<&Callback<()>>, set_open: &Callback<bool>) -> Option<Callback<()>> {
    let on_review = on_review?.clone();
    let set_open = set_open.clone();
    Some(Callback::from(move |()| {
        set_open.emit(false);
        on_review.emit(());
    }))
}

/// Reports the end of each of this page's edits.
#[hook]
fn use_ends(on_complete: Callback<EditId>, on_fail: Callback<(EditId, Refused)>) {
    let told = use_latest((on_complete, on_fail));
    let realtime = use_realtime();
    use_effect_with(realtime, move |realtime| {
        let listener = realtime.listen_ends(Callback::from(move |(id, end): (EditId, EditEnd)| {
            let told = told.current();
            match end {
                EditEnd::Refused(why) => told.1.emit((id, why)),
                EditEnd::Applied { .. } | EditEnd::RolledBack | EditEnd::Confirmed | EditEnd::AlreadySettled => {
                    told.0.emit(id);
                }
            }
        }));
        move || drop(listener)
    });
}

/// Edits that the badge counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    pending: usize,
    refused: usize,
    conflicts: usize,
}

impl Counts {
    fn all(self) -> usize {
        self.pending + self.to_settle()
    }

    /// Edits that wait for the user rather than for the server.
    fn to_settle(self) -> usize {
        self.refused + self.conflicts
    }

    fn level(self) -> &'static str {
        match (self.pending, self.to_settle()) {
            (0, 0) => "none",
            (_, 0) => "pending",
            (_, _) => "attention",
        }
    }

    fn in_words(self) -> String {
        let parts = [
            (self.pending, count_of(self.pending, "edit waits", "edits wait") + " for the server"),
            (self.refused, count_of(self.refused, "edit was", "edits were") + " refused"),
            (self.conflicts, count_of(self.conflicts, "conflict waits", "conflicts wait") + " for you"),
        ];
        let parts: Vec<_> = parts.into_iter().filter_map(|(count, words)| (count > 0).then_some(words)).collect();
        if parts.is_empty() { "All edits are saved".to_owned() } else { parts.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn the_badge_says_what_its_number_is_made_of() {
        let of = |pending, refused, conflicts| Counts { pending, refused, conflicts };
        assert_eq!(of(0, 0, 0).in_words(), "All edits are saved");
        assert_eq!(of(1, 0, 0).in_words(), "1 edit waits for the server");
        assert_eq!(of(3, 1, 2).in_words(), "3 edits wait for the server, 1 edit was refused, 2 conflicts wait for you");
        assert_eq!((of(3, 0, 0).level(), of(3, 1, 0).level(), of(0, 0, 1).all()), ("pending", "attention", 1));
    }
}
