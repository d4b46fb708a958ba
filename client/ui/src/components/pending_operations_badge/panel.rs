//! Panel with the list of edits, filled from the engine.

use std::{collections::BTreeMap, rc::Rc};

use tideboard_client::hooks::{UseOfflineQueueHandle, use_offline_queue, use_realtime, use_store};
use tideboard_engine::EditId;
use web_sys::HtmlElement;
use yew::prelude::*;
use yew_hooks::use_interval;

use super::{
    list::{PendingAction, PendingList},
    transfer::Transfer,
};
use crate::format::count_of;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct PendingPanelProps {
    pub(super) limit: usize,
    pub(super) conflicts: usize,
    pub(super) on_review: Option<Callback<()>>,
}

/// Panel below the badge. Renders every second, for the ages.
#[component]
pub(super) fn PendingPanel(props: &PendingPanelProps) -> Html {
    let PendingPanelProps { limit, conflicts, on_review } = props;
    let realtime = use_realtime();
    let queue = use_offline_queue();
    let is_live = use_store(|reader| reader.connection().state.is_live());
    let problems = use_reducer_eq(Problems::default);
    let update = use_force_update();
    use_interval(move || update.force_update(), 1_000);
    let heading = use_node_ref();
    let on_action = use_callback(queue.clone(), {
        let problems = problems.dispatcher();
        let heading = heading.clone();
        move |action, queue: &UseOfflineQueueHandle| {
            problems.dispatch(act(queue, action));
            // The button may be gone with its edit, and the focus with it.
            if let Some(heading) = heading.cast::<HtmlElement>() {
                let _result = heading.focus();
            }
        }
    });
    let is_empty = queue.items().is_empty() && *conflicts == 0;
    html! {
        <>
            <h2 ref={heading} tabindex="-1">{ "Edits that are not saved" }</h2>
            if is_empty { <p class="pending-none">{ "All edits are saved." }</p> }
            if *conflicts > 0 {
                <div class="pending-conflicts">
                    <span>{ conflicts_in_words(*conflicts) }</span>
                    if let Some(on_review) = on_review {
                        <button type="button" class="button-small" onclick={on_review.reform(|_| ())}>
                            { "Review" }
                        </button>
                    }
                </div>
            }
            <PendingList items={queue.items().to_vec()} limit={*limit} now={realtime.now().wall} is_live={*is_live}
                problems={problems.0.clone()} {on_action} />
            <Transfer {queue} />
        </>
    }
}

fn conflicts_in_words(count: usize) -> String {
    count_of(count, "edit meets a change by someone else", "edits meet changes by someone else")
}

/// Carries out an action. Returns the edit, and the reason if the action failed.
fn act(queue: &UseOfflineQueueHandle, action: PendingAction) -> (EditId, Option<String>) {
    let unless = |is_done: bool, problem: &str| (!is_done).then(|| problem.to_owned());
    match action {
        PendingAction::Retry(id) => (id, unless(queue.retry(id), "It is on its way already.")),
        PendingAction::RollBack(id) => (id, unless(queue.discard(id), "It cannot be taken back any more.")),
        PendingAction::Discard(id) => (id, unless(queue.discard(id), "It is gone already.")),
        PendingAction::SendAgain(id) => (id, queue.requeue(id).err().map(|problem| problem.to_string())),
    }
}

/// Failed actions: the reason, by edit.
#[derive(Debug, Clone, PartialEq, Default)]
struct Problems(BTreeMap<EditId, AttrValue>);

impl Reducible for Problems {
    type Action = (EditId, Option<String>);

    fn reduce(self: Rc<Self>, (id, problem): Self::Action) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match problem {
            Some(problem) => next.0.insert(id, problem.into()),
            None => next.0.remove(&id),
        };
        next.into()
    }
}
