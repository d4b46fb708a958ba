//! Downloads: the list, and the tab that fetches them.

use tideboard_app::downloads::{DownloadRunner, DownloadRunnerHandle, use_download_runner};
use tideboard_client::{
    RealtimeProvider,
    entities::{Download, DownloadStatus},
};
use tideboard_shared::{BoardId, EntityId};
use tideboard_ui::widgets::{DownloadAct, Downloads};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{Log, Mounted, SERVER, mount, wait_until},
    probe::board,
};

/// A file of the page's own server: the tests themselves.
const FILE: &str = "/wasm-bindgen-test";

#[derive(Clone, PartialEq, Properties)]
struct Props {
    board: BoardId,
    handles: Log<DownloadRunnerHandle>,
}

#[component]
fn App(props: &Props) -> Html {
    html! {
        <RealtimeProvider url={SERVER} persistent={false}>
            <DownloadRunner board={props.board.clone()}><Files ..props.clone() /></DownloadRunner>
        </RealtimeProvider>
    }
}

#[component]
fn Files(props: &Props) -> Html {
    let files = use_download_runner();
    props.handles.note(files.clone());
    let act = files.clone();
    html! { <Downloads rows={files.rows()} on_add={Callback::noop()} on_act={Callback::from(move |(id, what)| act.act(id, what))} /> }
}

async fn tab(board: BoardId) -> (Mounted<App>, Log<DownloadRunnerHandle>) {
    let handles = Log::default();
    let app = mount::<App>(Props { board, handles: handles.clone() });
    wait_until("the board", || handles.len() > 0 && handles.last().rows().is_some()).await;
    (app, handles)
}

fn status(handles: &Log<DownloadRunnerHandle>, id: &EntityId) -> Option<DownloadStatus> {
    handles.last().rows()?.iter().find(|row| row.id == *id).map(|row| row.download.status)
}

#[wasm_bindgen_test]
async fn the_tab_that_adds_a_download_fetches_it_and_everyone_sees_it() {
    let board = board();
    let ((app, ann), (_other, bo)) = (tab(board.clone()).await, tab(board).await);
    let id = ann.last().add(&Download { name: "api.json".into(), url: FILE.into(), ..Download::default() });
    wait_until("the file", || status(&ann, &id) == Some(DownloadStatus::Done)).await;
    wait_until("the news", || status(&bo, &id) == Some(DownloadStatus::Done)).await;
    let row = |handles: &Log<DownloadRunnerHandle>| {
        handles.last().rows().unwrap().iter().find(|row| row.id == id).cloned().unwrap()
    };
    assert!(row(&ann).download.received_bytes > 0);
    assert_eq!(row(&bo).download.received_bytes, row(&ann).download.received_bytes);
    assert_eq!((row(&ann).is_here, row(&bo).is_here), (true, false));
    wait_until("a way to save it", || app.root.query_selector("[aria-label='Save api.json']").unwrap().is_some()).await;
}

#[wasm_bindgen_test]
async fn a_download_that_is_not_there_fails_with_the_reason() {
    let (app, ann) = tab(board()).await;
    let url = "/no-such-thing".to_owned();
    let id = ann.last().add(&Download { name: "none".into(), url, ..Download::default() });
    wait_until("the failure", || status(&ann, &id) == Some(DownloadStatus::Failed)).await;
    wait_until("the reason", || app.root.text_content().unwrap().contains("the server answered 404")).await;
}

#[wasm_bindgen_test]
async fn a_cancelled_download_is_fetched_by_whoever_wants_it_again() {
    let board = board();
    let ((_app, ann), (_other, bo)) = (tab(board.clone()).await, tab(board).await);
    let download = Download { name: "api.json".into(), url: FILE.into(), ..Download::default() };
    let id = ann.last().add(&download);
    wait_until("the file", || status(&ann, &id) == Some(DownloadStatus::Done)).await;
    wait_until("the news", || status(&bo, &id) == Some(DownloadStatus::Done)).await;
    bo.last().act(id.clone(), DownloadAct::Cancel);
    wait_until("the end", || status(&ann, &id) == Some(DownloadStatus::Cancelled)).await;
    bo.last().act(id.clone(), DownloadAct::RunHere);
    wait_until("the file again", || status(&bo, &id) == Some(DownloadStatus::Done)).await;
    let is_here = |handles: &Log<DownloadRunnerHandle>| {
        handles.last().rows().is_some_and(|rows| rows.iter().any(|row| row.id == id && row.is_here))
    };
    wait_until("the other tab to let go", || is_here(&bo) && !is_here(&ann)).await;
}
