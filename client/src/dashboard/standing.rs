use tideboard_client::{components::WidgetStatus, hooks::use_store_with};
use tideboard_engine::BoardStatus;
use tideboard_shared::{BoardId, BoardRole};
use yew::prelude::*;

/// How a board stands for this user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// How fresh it is.
    pub(crate) status: WidgetStatus,
    /// Whether the user may change it.
    pub(crate) is_editable: bool,
}

/// How fresh a board is and whether the user may change it.
#[hook]
pub(crate) fn use_standing(board: BoardId) -> Standing {
    let standing = use_store_with(board, |reader, board| {
        let status = match reader.board(board).map(|view| view.status) {
            None | Some(BoardStatus::Loading) => WidgetStatus::Loading,
            Some(BoardStatus::CatchingUp) => WidgetStatus::CatchingUp,
            Some(BoardStatus::Live) => WidgetStatus::Live,
            Some(BoardStatus::Polled) => WidgetStatus::Polled,
            Some(BoardStatus::Stale) => WidgetStatus::Offline,
            Some(BoardStatus::Denied { .. }) => WidgetStatus::Denied,
        };
        let is_loaded = !matches!(status, WidgetStatus::Loading | WidgetStatus::Denied);
        let connection = reader.connection();
        // A board that was opened without a server may be edited; what the user may not do is refused, visibly, later.
        let is_known = connection.user.is_some();
        let is_editable = is_loaded && (!is_known || connection.rights.on_board(board, BoardRole::Editor));
        Standing { status, is_editable }
    });
    *standing
}
