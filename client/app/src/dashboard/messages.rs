use std::rc::Rc;

use serde_json::Value;
use tideboard_client::hooks::{EditProblem, use_notifications, use_realtime, use_store};
use tideboard_engine::{ApplyError, Notice, Refused, SetBack};
use tideboard_shared::{
    Conflict, FieldConflict, Refusal,
    message::{Level, Notification},
};
use tideboard_ui::components::{Toast, ToastLevel, Toasts};
use yew::prelude::*;

use super::context::Said;

/// Most problems kept; the oldest go first.
const KEPT: usize = 20;
/// Longest quotation of a text, characters.
const QUOTED_CHARS: usize = 200;

/// Messages of the page itself, of which the engine knows nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct LocalMessages {
    list: Vec<(u64, Said)>,
    last: u64,
}

/// Change of [`LocalMessages`].
#[derive(Debug)]
pub(crate) enum LocalAction {
    /// Adds a message.
    Add(Said),
    /// The user has read it.
    Dismiss(u64),
}

impl Reducible for LocalMessages {
    type Action = LocalAction;

    fn reduce(self: Rc<Self>, action: LocalAction) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match action {
            LocalAction::Add(said) => {
                next.last += 1;
                next.list.push((next.last, said));
                next.list.drain(..next.list.len().saturating_sub(KEPT));
            }
            LocalAction::Dismiss(id) => next.list.retain(|(other, _)| *other != id),
        }
        next.into()
    }
}

/// Message about an edit that was not made; `None` for one that the server refused, of which the engine keeps a notice.
pub(crate) fn said_of(problem: EditProblem) -> Option<Said> {
    match problem {
        EditProblem::NotMade(ApplyError::Refused(Refusal::Conflict(conflict))) => {
            Some(Said::problem(CONFLICT, quote(&conflict)))
        }
        EditProblem::NotMade(error) => Some(Said::problem("Not changed", error.to_string())),
        EditProblem::Refused(_) => None,
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct MessagesProps {
    pub(crate) local: UseReducerHandle<LocalMessages>,
}

/// Toasts about edits that did not come about, of the page itself, and of the server's notifications.
#[component]
pub(crate) fn Messages(props: &MessagesProps) -> Html {
    let realtime = use_realtime();
    let notices = use_store(|reader| reader.notices());
    let set_backs = use_store(|reader| reader.set_backs());
    let notifications = use_notifications();
    let local = props.local.clone();
    let said = local.list.iter().map(|(id, said)| {
        let level = if said.is_problem { ToastLevel::Warning } else { ToastLevel::Info };
        let toast = Toast::new(format!("local-{id}"), level, said.title.clone(), said.body.clone());
        match &said.action {
            Some((label, on_choose)) => toast.action(label.clone(), on_choose.clone()),
            None => toast,
        }
    });
    let told = notifications.list().iter().rev().map(|notification| {
        let level = match notification.level {
            Level::Info | Level::Success => ToastLevel::Info,
            Level::Warning => ToastLevel::Warning,
            Level::Error => ToastLevel::Error,
        };
        let Notification { id, title, body, .. } = notification;
        Toast::new(format!("told-{id}"), level, title.clone(), body.clone())
    });
    let set_backs = set_backs.iter().map(of_set_back);
    let toasts: Vec<_> = told.chain(notices.iter().map(of_notice)).chain(set_backs).chain(said).collect();
    let on_dismiss = Callback::from(move |id: AttrValue| match id.split_once('-') {
        Some(("local", id)) => {
            if let Ok(id) = id.parse() {
                local.dispatch(LocalAction::Dismiss(id));
            }
        }
        Some(("told", id)) => drop(realtime.dismiss_notification(id)),
        Some((_, id)) => {
            if let Ok(id) = id.parse() {
                realtime.dismiss_notice(id);
            }
        }
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

/// Word on a board that the server has set back, with what the user has lost by that.
fn of_set_back(set_back: &SetBack) -> Toast {
    let body = match set_back.lost {
        0 => "You see it as it is there now.".to_owned(),
        1 => "One change that you had saved is gone.".to_owned(),
        lost => format!("{lost} changes that you had saved are gone."),
    };
    let board = &set_back.board;
    Toast::new(
        format!("notice-{}", set_back.id),
        ToastLevel::Warning,
        format!("Board “{board}” went back to an earlier state on the server"),
        body,
    )
}

fn toast(id: String, title: &'static str, body: String) -> Toast {
    Toast::new(id, ToastLevel::Warning, title, body)
}

/// Field by field, what stands and what the user wanted: nothing typed is lost without a trace.
fn quote(conflict: &Conflict) -> String {
    let field = |field: &FieldConflict| {
        format!("{}: now {}, yours was {}.", field.name, quoted(field.theirs.as_ref()), quoted(field.yours.as_ref()))
    };
    conflict.fields.iter().map(field).collect::<Vec<_>>().join(" ")
}

fn quoted(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => return "removed".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match text.char_indices().nth(QUOTED_CHARS) {
        Some((end, _)) => format!("“{}…”", &text[..end]),
        None => format!("“{text}”"),
    }
}
