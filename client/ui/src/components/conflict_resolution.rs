//! Settling of conflicts: a notice, and a dialog that compares the user's edit with those of others.
//!
//! In: the engine's unsettled conflicts. Out: a choice for each. Never: a decision without the user, unless
//! `auto_resolve` says so.

use std::{collections::BTreeSet, rc::Rc};

use tideboard_client::hooks::{use_realtime, use_store_with};
use tideboard_engine::{Choice, ConflictView, EditId};
use tideboard_shared::{BoardId, Entity};
use yew::prelude::*;

use super::Icon;

mod authors;
mod auto;
mod choices;
mod diff;
mod fields;
mod preview;
mod review;
mod sides;

use authors::use_authors;
pub use auto::AutoResolve;
use review::ConflictReview;

/// Properties of [`ConflictResolution`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ConflictResolutionProps {
    /// Board whose conflicts are shown. Default: those of all boards.
    #[prop_or_default]
    pub board: Option<BoardId>,
    /// Rule that settles conflicts without asking; where it cannot, the user is asked. Default: the user is always
    /// asked.
    #[prop_or_default]
    pub auto_resolve: Option<AutoResolve>,
    /// Called with each conflict that was settled, and with the choice made.
    #[prop_or_default]
    pub on_conflict_resolved: Callback<(EditId, Choice)>,
    /// Called with each conflict that the user puts off. It stays in the engine's list.
    #[prop_or_default]
    pub on_conflict_dismissed: Callback<EditId>,
    /// Request to open the dialog, made by turning true. Default false: the dialog opens when the user asks for it.
    #[prop_or_default]
    pub is_reviewing: bool,
    /// Called when the dialog has closed, so that `is_reviewing` can turn false.
    #[prop_or_default]
    pub on_close: Callback<()>,
    /// Renders an entity as the application does, for the previews. Default: a table of its fields.
    #[prop_or_default]
    pub preview: Option<Callback<Rc<Entity>, Html>>,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// Notice that others changed what the user was editing, with a dialog that settles it: before, mine and theirs side by
/// side, and what each choice would make of it. Needs a `RealtimeProvider`.
///
/// ```no_run
/// use std::rc::Rc;
/// use tideboard_ui::components::ConflictResolution;
/// use tideboard_shared::Entity;
/// use yew::prelude::*;
///
/// #[component]
/// fn Page() -> Html {
///     let preview = use_callback((), |entity: Rc<Entity>, ()| html! { <p>{ entity.id.to_string() }</p> });
///     html! { <main><ConflictResolution {preview} /></main> }
/// }
/// ```
///
/// | property | default | |
/// |---|---|---|
/// | `board` | all | board whose conflicts are shown |
/// | `auto_resolve` | none | rule that settles without asking, where it can |
/// | `on_conflict_resolved` | none | called with each conflict settled, and the choice |
/// | `on_conflict_dismissed` | none | called with each conflict that the user puts off |
/// | `is_reviewing`, `on_close` | false, none | opens the dialog from elsewhere, as from a `PendingOperationsBadge` |
/// | `preview` | a table | renders an entity as the application does |
/// | `class` | none | more classes of the notice |
///
/// Does not interrupt: a notice comes, and the dialog opens on demand. Dismissed conflicts wait in the engine's list;
/// the notice comes again with the next conflict. Only edits made under `Ask`, or with a merge that gave no result, get
/// here. In the dialog Alt and a digit choose, Ctrl and Enter apply, Escape closes. Renders when a conflict comes or
/// goes, and in the dialog when the entity on the board changes.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[component]
pub fn ConflictResolution(props: &ConflictResolutionProps) -> Html {
    let ConflictResolutionProps { board, on_conflict_dismissed, on_close, preview, .. } = props;
    let realtime = use_realtime();
    let authors = use_authors();
    let conflicts = use_store_with(board.clone(), |reader, board| {
        let is_wanted = |view: &ConflictView| board.as_ref().is_none_or(|board| *board == view.case.board);
        reader.conflicts().into_iter().filter(is_wanted).collect::<Vec<_>>()
    });
    auto::use_auto_resolve(Rc::clone(&conflicts), props.auto_resolve, props.on_conflict_resolved.clone());
    let is_open = use_state_eq(|| false);
    let later = use_state_eq(BTreeSet::new);
    use_effect_with(props.is_reviewing, {
        let is_open = is_open.setter();
        move |is_reviewing| {
            if *is_reviewing {
                is_open.set(true);
            }
        }
    });
    let dismiss = {
        let later = later.setter();
        let ids = ids(&conflicts);
        let is_open = is_open.setter();
        let on_dismissed = on_conflict_dismissed.clone();
        let on_close = on_close.clone();
        Callback::from(move |()| {
            later.set(ids.clone());
            is_open.set(false);
            ids.iter().for_each(|id| on_dismissed.emit(*id));
            on_close.emit(());
        })
    };
    let on_resolve =
        use_callback((realtime, props.on_conflict_resolved.clone()), |(id, choice): (EditId, Choice), deps| {
            let (realtime, on_resolved) = deps;
            let settled = realtime.resolve(id, choice.clone());
            if settled.is_ok() {
                on_resolved.emit((id, choice));
            }
            settled.map_err(|error| error.to_string())
        });
    let on_settled = use_callback((is_open.setter(), on_close.clone()), |(), (is_open, on_close)| {
        is_open.set(false);
        on_close.emit(());
    });
    if *is_open {
        return html! {
            <ConflictReview {conflicts} {authors} preview={preview.clone()} {on_resolve} on_later={dismiss}
                {on_settled} />
        };
    }
    let is_news = ids(&conflicts).difference(&later).next().is_some();
    let on_review = {
        let is_open = is_open.setter();
        Callback::from(move |_: MouseEvent| is_open.set(true))
    };
    html! {
        <div class={classes!("conflict-notice", props.class.clone())} data-open={is_news.then_some("true")}>
            <div class="conflict-notice-text" role="status">
                if is_news { { Html::from(Icon::Alert) }<span>{ in_words(&conflicts) }</span> }
            </div>
            if is_news {
                <button type="button" onclick={on_review}>{ "Review" }</button>
                <button type="button" class="button-quiet" onclick={dismiss.reform(|_: MouseEvent| ())}>
                    { "Later" }
                </button>
            }
        </div>
    }
}

fn ids(conflicts: &[ConflictView]) -> BTreeSet<EditId> {
    conflicts.iter().map(|view| view.id).collect()
}

fn in_words(conflicts: &[ConflictView]) -> String {
    match conflicts {
        [one] if one.with_theirs.is_none() => {
            format!("“{}” was removed by someone else while you changed it.", fields::name(one))
        }
        [one] => format!("“{}” was changed by someone else while you changed it.", fields::name(one)),
        more => format!("{} of your edits meet changes by someone else.", more.len()),
    }
}
