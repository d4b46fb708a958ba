//! People on the board: the tab each is on, and the widget each edits.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use tideboard_client::hooks::{UsePresenceHandle, UsePresenceOptions, use_presence_with_options, use_store_with};
use tideboard_shared::{BoardId, EntityId, message::Member};
use tideboard_ui::components::Person;
use yew::prelude::*;

use super::{address::Tab, context::use_page};

/// State of somebody that others see.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Whereabouts {
    tab: String,
    /// The widget that they edit.
    editing: Option<String>,
    /// Since when they have been on the board, Unix milliseconds.
    since: u64,
}

/// Shows the others where the user is, and the user who else is there.
#[hook]
pub(crate) fn use_people(board: BoardId, tab: Tab, editing: Option<EntityId>, since: u64) -> UsePresenceHandle {
    let mine = Whereabouts { tab: tab.name().to_owned(), editing: editing.map(|id| id.to_string()), since };
    let state = serde_json::to_value(mine).ok();
    use_presence_with_options(board, UsePresenceOptions { state })
}

/// People other than the user who edit a widget.
#[hook]
pub(crate) fn use_editors(widget: EntityId) -> Vec<Person> {
    let page = use_page();
    let editors: Rc<Vec<Person>> = use_store_with((page.board, widget), |reader, (board, widget)| {
        let people = reader.presence(board);
        let others = people.members.iter().filter(|member| Some(&member.session) != people.me.as_ref());
        let edits = |member: &&Member| whereabouts(member).editing.as_deref() == Some(widget.as_str());
        others.filter(edits).map(|member| person_of(member, false)).collect()
    });
    Vec::clone(&editors)
}

/// Member as avatars show one.
pub(crate) fn person_of(member: &Member, is_me: bool) -> Person {
    let Whereabouts { tab, editing, since } = whereabouts(member);
    let tab = Tab::ALL.into_iter().find(|known| known.name() == tab).map(Tab::label);
    let doing = match (editing, tab) {
        (Some(_), Some(tab)) => format!("edits something on {tab}"),
        (None, Some(tab)) => format!("looks at {tab}"),
        (_, None) => String::new(),
    };
    Person {
        id: member.session.to_string().into(),
        name: member.user.clone().into(),
        doing: doing.into(),
        since: (since > 0).then_some(tideboard_shared::UnixMs(since)),
        is_idle: false,
        is_me,
    }
}

fn whereabouts(member: &Member) -> Whereabouts {
    serde_json::from_value(member.state.clone()).unwrap_or_default()
}
