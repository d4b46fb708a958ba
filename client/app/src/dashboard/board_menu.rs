//! The boards there are, and the way to another one or a new one.

use serde::{Deserialize, Serialize};
use tideboard_client::hooks::{UseWebsocketRequestOptions, use_store, use_websocket_request_with_options};
use tideboard_shared::BoardId;
use tideboard_ui::components::{Dialog, Icon, Menu, MenuEntry, MenuItem};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{
    address::{Address, Here},
    context::Said,
};

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Boards {
    boards: Vec<BoardId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct NewBoard {
    board: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Nothing {}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct BoardMenuProps {
    pub(crate) here: Here,
    pub(crate) say: Callback<Said>,
    /// Set while a new board's name is asked for.
    pub(crate) is_creating: bool,
    pub(crate) on_create: Callback<bool>,
}

/// The board's name, which opens the list of all.
#[component]
pub(crate) fn BoardMenu(props: &BoardMenuProps) -> Html {
    let BoardMenuProps { here, say, is_creating, on_create } = props;
    let options = UseWebsocketRequestOptions { idempotent: true, queue_when_offline: true, ..Default::default() };
    let list = use_websocket_request_with_options::<Nothing, Boards>("board.list", options);
    let is_live = use_store(|reader| reader.connection().state.is_live());
    let created = use_state(|| 0);
    use_effect_with((*is_live, *created, here.address.board.clone()), {
        let list = list.clone();
        move |(is_live, _, _)| {
            if *is_live {
                drop(list.call(&Nothing {}));
            }
        }
    });
    let current = &here.address.board;
    let mut boards = list.data().map_or_else(Vec::new, |answer| answer.boards.clone());
    if !boards.contains(current) {
        boards.push(current.clone());
        boards.sort();
    }
    let to = |board: &BoardId| {
        let item = MenuItem::new(
            board.to_string(),
            here.link_to(Address { tab: here.address.tab, ..Address::of(board.clone()) }),
        );
        MenuEntry::from(item.checked(board == current))
    };
    let new = MenuItem::new("New board…", on_create.reform(|()| true)).icon(Icon::Plus).disabled(!*is_live);
    let entries = boards.iter().map(to).chain([MenuEntry::Separator, new.into()]).collect::<Vec<_>>();
    let on_done = {
        let here = here.clone();
        let on_create = on_create.clone();
        let say = say.clone();
        Callback::from(move |board: Option<BoardId>| {
            on_create.emit(false);
            if let Some(board) = board {
                created.set(*created + 1);
                say.emit(Said::done(format!("Board {board} created")));
                here.go(&Address::of(board));
            }
        })
    };
    html! {
        <>
            <Menu class="board-menu" label="Boards" text={current.to_string()} {entries} />
            if *is_creating { <NewBoardDialog {on_done} /> }
        </>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct NewBoardDialogProps {
    /// Called with the new board, or none when there shall be none.
    pub(crate) on_done: Callback<Option<BoardId>>,
}

/// Asks for a new board's name, and creates it.
#[component]
pub(crate) fn NewBoardDialog(props: &NewBoardDialogProps) -> Html {
    let on_done = &props.on_done;
    let request = use_websocket_request_with_options::<NewBoard, NewBoard>("board.create", Default::default());
    let name = use_node_ref();
    let problem = use_state(|| None::<AttrValue>);
    let create = {
        let name = name.clone();
        let problem = problem.setter();
        let on_done = on_done.clone();
        let request = request.clone();
        Callback::from(move |()| {
            let name = name.cast::<HtmlInputElement>().map_or_else(String::new, |input| input.value());
            let board = match name.trim().parse::<BoardId>() {
                Ok(board) => board,
                Err(error) => return problem.set(Some(format!("{error}.").into())),
            };
            let answer = request.call(&NewBoard { board: board.to_string() });
            let problem = problem.clone();
            let on_done = on_done.clone();
            spawn_local(async move {
                match answer.await {
                    Ok(_) => on_done.emit(Some(board)),
                    Err(error) => problem.set(Some(format!("{error}.").into())),
                }
            });
        })
    };
    let onsubmit = create.reform(|event: SubmitEvent| event.prevent_default());
    html! {
        <Dialog title="New board" on_close={on_done.reform(|()| None)}>
            <form class="form" {onsubmit}>
                <label class="form-line">
                    <span>{ "Name" }</span>
                    <input ref={name} class="field field-framed" placeholder="such as line-3" maxlength="128" autocomplete="off" autofocus=true />
                </label>
                if let Some(problem) = &*problem { <p class="form-error" role="alert">{ problem }</p> }
                <div class="form-actions">
                    <button type="submit" class="button-primary" disabled={request.is_pending()}>{ "Create" }</button>
                </div>
            </form>
        </Dialog>
    }
}
