//! A board to a file and back.

use std::{rc::Rc, sync::Arc};

use gloo::utils::{body, document};
use tideboard_client::hooks::{UseEditHandle, use_realtime};
use tideboard_shared::{Action, BoardId, Entity, EntityId};
use tideboard_ui::components::{Dialog, Icon};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlInputElement, Url};
use yew::prelude::*;

use super::context::{Said, use_loose_edit, use_page};
use crate::board_file::{self, FileEntity};

/// Most edits of an import that wait at a time: well below the outbox's limit.
const AT_ONCE: usize = 20;

/// Saves the board as the user sees it.
pub(super) fn export(board: &BoardId, entities: &[Arc<Entity>]) -> Result<(), JsValue> {
    let text = board_file::write(board.as_str(), entities.iter().map(Arc::as_ref));
    let options = BlobPropertyBag::new();
    options.set_type("application/json");
    let blob = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&text.into()), &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(&format!("{board}.tideboard.json"));
    body().append_child(&link)?;
    link.click();
    link.remove();
    Url::revoke_object_url(&url)
}

/// Progress of an import.
#[derive(Debug, Clone, PartialEq)]
enum Import {
    /// A file is asked for.
    Asking,
    /// The file is none of a board, for this reason.
    Bad(AttrValue),
    /// Entities to bring.
    Read(Rc<[FileEntity]>),
    /// So many edits are made.
    Running { done: usize, all: usize },
}

/// Treatment of entities that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clash {
    Keep,
    Replace,
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct ImportDialogProps {
    pub(crate) on_close: Callback<()>,
}

/// Brings what a file has to the board. Every entity is an edit like any other.
#[component]
pub(crate) fn ImportDialog(props: &ImportDialogProps) -> Html {
    let on_close = &props.on_close;
    let page = use_page();
    let edit = use_loose_edit();
    let realtime = use_realtime();
    let import = use_state(|| Import::Asking);
    let onchange = {
        let import = import.setter();
        Callback::from(move |event: Event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            let Some(file) = input.and_then(|input| input.files()?.get(0)) else { return };
            let import = import.clone();
            spawn_local(async move { import.set(read(&file).await) });
        })
    };
    let run = {
        let import = import.setter();
        let on_close = on_close.clone();
        let say = page.say.clone();
        let board = page.board.clone();
        let realtime = realtime.clone();
        Callback::from(move |(entities, clash): (Rc<[FileEntity]>, Clash)| {
            let now =
                |entity: &FileEntity| realtime.read(|reader| reader.entity(&board, &entity.id)).map(|view| view.entity);
            let actions = actions(&entities, clash, now);
            let import = import.clone();
            let on_close = on_close.clone();
            let say = say.clone();
            let edit = edit.clone();
            spawn_local(async move {
                say.emit(carry_out(&edit, actions, &import).await);
                on_close.emit(());
            });
        })
    };
    let known = |entity: &FileEntity| realtime.read(|reader| reader.entity(&page.board, &entity.id).is_some());
    let content = match &*import {
        Import::Asking => question(onchange, None),
        Import::Bad(why) => question(onchange, Some(why)),
        Import::Read(entities) => {
            let there = entities.iter().filter(|entity| known(entity)).count();
            choices(entities, there, &run)
        }
        Import::Running { done, all } => html! {
            <p role="status">{ Html::from(Icon::Clock) }{ format!(" {done} of {all}") }</p>
        },
    };
    html! { <Dialog title="Import a board" on_close={on_close.clone()}>{ content }</Dialog> }
}

/// Asks for a file, and says why the last one is none of a board.
fn question(onchange: Callback<Event>, problem: Option<&AttrValue>) -> Html {
    html! {
        <>
            <p>{ "Choose a file that was exported from a board. Nothing changes before you have seen what is in it." }</p>
            <input type="file" aria-label="File of a board" accept=".json,application/json" {onchange} />
            if let Some(why) = problem {
                <p class="form-error" role="alert">{ format!("This file cannot be imported. {why}. Nothing was changed.") }</p>
            }
        </>
    }
}

/// Shows what is in the file, of which `there` are on the board already, and asks what to do with those.
fn choices(entities: &Rc<[FileEntity]>, there: usize, run: &Callback<(Rc<[FileEntity]>, Clash)>) -> Html {
    let choose = |clash| {
        let entities = Rc::clone(entities);
        run.reform(move |_: MouseEvent| (Rc::clone(&entities), clash))
    };
    html! {
        <>
            <p>{ summary(entities) }</p>
            if there > 0 { <p>{ format!("{there} of them are on this board already.") }</p> }
            <div class="form-actions">
                if there > 0 { <button type="button" onclick={choose(Clash::Replace)}>{ "Import and replace those" }</button> }
                <button type="button" class="button-primary" onclick={choose(Clash::Keep)}>
                    { if there > 0 { "Import the others" } else { "Import" } }
                </button>
            </div>
        </>
    }
}

/// Edits that bring the file's entities to the board, where `now` is what the board has of one.
fn actions(
    entities: &[FileEntity],
    clash: Clash,
    now: impl Fn(&FileEntity) -> Option<Arc<Entity>>,
) -> Vec<(EntityId, Action)> {
    entities
        .iter()
        .filter_map(|entity| match (now(entity), clash) {
            (None, _) => Some((entity.id.clone(), board_file::creation(entity))),
            (Some(now), Clash::Replace) => Some((entity.id.clone(), board_file::replacement(entity, &now))),
            (Some(_), Clash::Keep) => None,
        })
        .collect()
}

async fn read(file: &web_sys::File) -> Import {
    if file.size() > board_file::FILE_BYTES as f64 {
        return Import::Bad("It is too large to be a board".into());
    }
    let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()).unwrap_or_default();
    match board_file::read(&text) {
        Ok(entities) => Import::Read(entities.into()),
        Err(error) => Import::Bad(error.to_string().into()),
    }
}

/// Makes the edits, a few at a time, and says what became of them.
async fn carry_out(edit: &UseEditHandle, actions: Vec<(EntityId, Action)>, import: &UseStateSetter<Import>) -> Said {
    let all = actions.len();
    let mut made = 0;
    for part in actions.chunks(AT_ONCE) {
        import.set(Import::Running { done: made, all });
        let applied: Vec<_> = part.iter().map(|(id, action)| edit.apply(id.clone(), action.clone())).collect();
        for applied in applied {
            let is_applied = matches!(applied.server.await, Some(tideboard_engine::EditEnd::Applied { .. }));
            made += usize::from(applied.local.is_ok() && is_applied);
        }
    }
    if made == all {
        Said::done(format!("Imported {all} things"))
    } else {
        Said::problem(format!("Imported {made} of {all} things"), "The others were refused.")
    }
}

fn summary(entities: &[FileEntity]) -> String {
    let mut kinds = std::collections::BTreeMap::<&str, usize>::new();
    entities.iter().for_each(|entity| *kinds.entry(&entity.kind).or_default() += 1);
    let kinds: Vec<String> = kinds.into_iter().map(|(kind, count)| format!("{count} × {kind}")).collect();
    format!("In this file: {}.", if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") })
}
