//! Words of the list of edits.

use tideboard_client::hooks::{QueueItem, QueueState};
use tideboard_engine::{Refused, Stage};
use tideboard_shared::Reason;

use crate::format::count_of;

/// Title of an edit: the change it makes, with a capital letter.
pub(super) fn title(item: &QueueItem) -> String {
    let mut letters = item.what.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// State of an edit. `is_live`: the connection is live.
pub(super) fn state(item: &QueueItem, is_live: bool) -> String {
    match &item.state {
        QueueState::Refused(why) => reason(why),
        QueueState::Waiting { is_overdue: true, .. } if is_live => "takes longer than usual".to_owned(),
        QueueState::Waiting { stage, .. } => match stage {
            Stage::Storing => "being written down",
            Stage::Queued if is_live => "waits its turn",
            Stage::Queued => "waits for a connection",
            Stage::InFlight => "on its way",
            Stage::Manual => "delivered by the app",
        }
        .to_owned(),
    }
}

/// Number of times that an edit was sent.
pub(super) fn attempts(count: u32) -> String {
    match count {
        0 => "not sent yet".to_owned(),
        1 => "sent once".to_owned(),
        2 => "sent twice".to_owned(),
        more => format!("sent {more} times"),
    }
}

/// Reason why an edit was refused.
fn reason(why: &Refused) -> String {
    match why {
        Refused::Rejected(rejection) if rejection.reason == Reason::UnknownClient => {
            "may be saved already: this browser was away for too long to tell".to_owned()
        }
        Refused::Rejected(rejection) if rejection.message.is_empty() => format!("refused: {:?}", rejection.reason),
        Refused::Rejected(rejection) => format!("refused: {}", rejection.message),
        Refused::Unreadable { problem } => format!("this version cannot read it: {problem}"),
        Refused::Conflict(conflict) => {
            let names: Vec<_> = conflict.fields.iter().map(|field| field.name.as_str()).collect();
            format!("someone else changed {} first", names.join(", "))
        }
    }
}

/// Last line of the list, which counts the edits that are not listed; `None` when all are.
pub(super) fn more(all: usize, listed: usize) -> Option<String> {
    let left = all.checked_sub(listed).filter(|left| *left > 0)?;
    Some(format!("and {}", count_of(left, "more edit", "more edits")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tideboard_engine::EditId;
    use tideboard_shared::{Action, OnConflict, Operation, Reason, Rejection, Seq, UnixMs};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn item(state: QueueState) -> QueueItem {
        let op = Operation {
            id: "me/1".parse().expect("a name"),
            entity: "welcome".into(),
            base: Seq::default(),
            action: Action::Remove,
            on_conflict: OnConflict::Reject,
            again: false,
        };
        QueueItem {
            id: EditId(1),
            what: "remove welcome".to_owned(),
            board: "main".parse().expect("a name"),
            op: Arc::new(op),
            created: UnixMs(0),
            attempts: 2,
            state,
        }
    }

    fn waiting(stage: Stage, is_overdue: bool) -> QueueItem {
        item(QueueState::Waiting { stage, is_overdue })
    }

    #[test]
    fn an_edit_says_what_it_waits_for() {
        assert_eq!(title(&waiting(Stage::Queued, false)), "Remove welcome");
        assert_eq!(state(&waiting(Stage::Queued, false), false), "waits for a connection");
        assert_eq!(state(&waiting(Stage::Queued, false), true), "waits its turn");
        assert_eq!(state(&waiting(Stage::InFlight, true), true), "takes longer than usual");
        assert_eq!(state(&waiting(Stage::Queued, true), false), "waits for a connection", "no wonder without one");
        assert_eq!([attempts(0), attempts(1), attempts(3)], ["not sent yet", "sent once", "sent 3 times"]);
    }

    #[test]
    fn a_refusal_says_why() {
        let of =
            |message: &str| item(QueueState::Refused(Refused::Rejected(Rejection::new(Reason::TooLarge, message))));
        assert_eq!(state(&of("the note has 70 kB"), true), "refused: the note has 70 kB");
        assert_eq!(state(&of(""), true), "refused: TooLarge");
        let unknown = Rejection::new(Reason::UnknownClient, "client c_1 is not known");
        let unknown = item(QueueState::Refused(Refused::Rejected(unknown)));
        assert_eq!(state(&unknown, true), "may be saved already: this browser was away for too long to tell");
    }

    #[test]
    fn what_is_not_listed_is_counted() {
        assert_eq!(more(12, 10).as_deref(), Some("and 2 more edits"));
        assert_eq!(more(10, 10), None);
    }
}
