use std::rc::Rc;

use tideboard_engine::{Input, Notice, RefreshError};
use tideboard_shared::Channel;
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

use super::{UseWidgetStatusOptions, WidgetStatus};
use crate::Realtime;

/// What is wrong with one widget.
#[derive(Debug, Clone, PartialEq)]
pub enum WidgetProblem {
    /// The server does not show it to this user.
    Denied {
        /// The server's reason.
        reason: String,
    },
    /// The page wants more channels than the server gives to one connection, and this one matters least.
    LeftOut {
        /// How many channels the server gives.
        limit: usize,
    },
    /// An edit of it was refused.
    Refused(Notice),
    /// It was asked for again, and did not come.
    NotRefreshed(RefreshError),
}

impl WidgetProblem {
    /// In a sentence, for people.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Denied { reason } if reason.is_empty() => "You may not see this.".to_owned(),
            Self::Denied { reason } => format!("You may not see this: {reason}."),
            Self::LeftOut { limit } => {
                format!("This page shows more than the {limit} channels that the server gives it. Close other widgets.")
            }
            Self::Refused(_) => "A change of it was refused.".to_owned(),
            Self::NotRefreshed(error) => format!("It could not be fetched: {error}."),
        }
    }
}

/// Everything that causes a render.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    pub(super) status: WidgetStatus,
    pub(super) problem: Option<WidgetProblem>,
    pub(super) is_editable: bool,
}

/// What [`super::use_widget_status`] returns.
#[derive(Debug, Clone, PartialEq)]
pub struct UseWidgetStatusHandle {
    pub(super) realtime: Realtime,
    pub(super) shown: Rc<Shown>,
    pub(super) options: Rc<UseWidgetStatusOptions>,
}

impl UseWidgetStatusHandle {
    /// How fresh it is.
    #[must_use]
    pub fn status(&self) -> WidgetStatus {
        self.shown.status
    }

    /// Why it cannot be shown.
    #[must_use]
    pub fn problem(&self) -> Option<&WidgetProblem> {
        self.shown.problem.as_ref()
    }

    /// Whether the user may change what is on its board; never without a board.
    #[must_use]
    pub fn is_editable(&self) -> bool {
        self.shown.is_editable
    }

    /// Asks for all of it again, also for what was denied; connects where there is no connection.
    pub fn retry(&self) {
        self.retry_with(Callback::noop());
    }

    /// The same; `on_end` hears how it ended.
    pub fn retry_with(&self, on_end: Callback<Result<(), RefreshError>>) {
        if !self.realtime.read(|reader| reader.connection().state.is_live()).0 {
            self.realtime.input(Input::ReconnectNow);
        }
        let board = self.options.board.iter().cloned().map(Channel::Board);
        let channels: Vec<_> = board.chain(self.options.channels.iter().cloned()).collect();
        if self.problem().is_some() {
            channels.iter().for_each(|channel| self.realtime.renew(channel.clone()));
        }
        let refreshed = self.realtime.refresh(&channels);
        spawn_local(async move { on_end.emit(refreshed.await) });
    }

    /// [`Self::retry`] as a button wants it.
    #[must_use]
    pub fn on_retry(&self) -> Callback<()> {
        let handle = self.clone();
        Callback::from(move |()| handle.retry())
    }
}
