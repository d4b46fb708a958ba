use std::rc::Rc;

use serde_json::Value;
use tideboard_client::{
    components::{Toast, ToastLevel, Toasts},
    hooks::{EditProblem, use_realtime, use_store},
};
use tideboard_engine::{ApplyError, Notice, Refused};
use tideboard_shared::{Conflict, FieldConflict, Refusal};
use yew::prelude::*;

/// Most problems kept; the oldest go first.
const KEPT: usize = 20;
/// How much of a text is quoted.
const QUOTED_CHARS: usize = 200;

/// Edits that could not even be made. The engine knows nothing of them: nothing was changed.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct LocalProblems {
    list: Vec<(u64, ApplyError)>,
    last: u64,
}

/// What happens to [`LocalProblems`].
#[derive(Debug)]
pub(crate) enum ProblemAction {
    /// An edit did not come about.
    Add(EditProblem),
    /// The user has read it.
    Dismiss(u64),
}

impl Reducible for LocalProblems {
    type Action = ProblemAction;

    fn reduce(self: Rc<Self>, action: ProblemAction) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match action {
            ProblemAction::Add(EditProblem::NotMade(error)) => {
                next.last += 1;
                next.list.push((next.last, error));
                next.list.drain(..next.list.len().saturating_sub(KEPT));
            }
            // The engine keeps a notice of it.
            ProblemAction::Add(EditProblem::Refused(_)) => return self,
            ProblemAction::Dismiss(id) => next.list.retain(|(other, _)| *other != id),
        }
        next.into()
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct MessagesProps {
    pub(crate) problems: UseReducerHandle<LocalProblems>,
}

/// What became of edits that did not come about.
#[component]
pub(crate) fn Messages(props: &MessagesProps) -> Html {
    let realtime = use_realtime();
    let notices = use_store(|reader| reader.notices());
    let problems = props.problems.clone();
    let local = problems.list.iter().map(|(id, error)| {
        let (title, body) = match error {
            ApplyError::Refused(Refusal::Conflict(conflict)) => (CONFLICT, quote(conflict)),
            ApplyError::Refused(_)
            | ApplyError::OutboxFull { .. }
            | ApplyError::OutboxTooLarge { .. }
            | ApplyError::NotLive
            | ApplyError::NotLoaded(_) => ("Not changed", error.to_string()),
        };
        toast(format!("local-{id}"), title, body)
    });
    let toasts: Vec<_> = notices.iter().map(of_notice).chain(local).collect();
    let on_dismiss = Callback::from(move |id: AttrValue| match id.split_once('-') {
        Some(("local", id)) => id.parse().into_iter().for_each(|id| problems.dispatch(ProblemAction::Dismiss(id))),
        Some((_, id)) => id.parse().into_iter().for_each(|id| realtime.dismiss_notice(id)),
        None => {}
    });
    html! { <Toasts {toasts} {on_dismiss} /> }
}

const CONFLICT: &str = "Changed by someone else; theirs is kept";

fn of_notice(notice: &Notice) -> Toast {
    let (title, body) = match &notice.why {
        Refused::Conflict(conflict) => (CONFLICT, quote(conflict)),
        Refused::Rejected(rejection) => ("Not changed", rejection.message.clone()),
        Refused::Unreadable { problem } => ("Not changed", problem.clone()),
    };
    toast(format!("notice-{}", notice.id), title, body)
}

fn toast(id: String, title: &'static str, body: String) -> Toast {
    Toast::new(id, ToastLevel::Warning, title, body)
}

/// Field by field, what stands and what the user wanted: nothing typed is lost without a trace.
fn quote(conflict: &Conflict) -> String {
    let field = |field: &FieldConflict| {
        format!("{}: now {}, yours was {}.", field.name, quoted(&field.theirs), quoted(&field.yours))
    };
    conflict.fields.iter().map(field).collect::<Vec<_>>().join(" ")
}

fn quoted(value: &Value) -> String {
    let text = match value {
        Value::Null => return "removed".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(QUOTED_CHARS) {
        Some((end, _)) => format!("“{}…”", &text[..end]),
        None => format!("“{text}”"),
    }
}
