//! The app: boards, each with its tabs, as it is or as it was.
//!
//! In: the page's address and hooks. Out: panels on a grid, wired to the board. Never: a rule, or anything that another page could not do.

use yew::prelude::*;

use crate::downloads::DownloadRunner;

mod address;
mod board_menu;
mod board_page;
mod commands;
mod context;
mod favorite;
mod fetch;
mod layer;
mod messages;
mod name;
mod new_version;
mod overview;
mod panels;
mod past;
mod people;
mod plan;
mod system;
mod transfer;
mod widget_form;

use address::use_address;
use board_page::BoardPage;
pub(crate) use name::socket_url;

/// The board that the address names.
#[component]
pub(crate) fn Dashboard() -> Html {
    let here = use_address();
    let board = here.address.board.clone();
    html! {
        <DownloadRunner key={board.to_string()} board={board.clone()}>
            <BoardPage {here} />
        </DownloadRunner>
    }
}
