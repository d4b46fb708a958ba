//! Downloads: the list, and the tab that fetches them.

use tideboard_app::downloads::{DownloadRunner, DownloadRunnerHandle, use_download_runner};
use tideboard_client::{
    Realtime, RealtimeProvider,
    entities::{Download, DownloadStatus},
    hooks::use_realtime,
};
use tideboard_engine::Edit;
use tideboard_shared::{Action, BoardId, EntityId, Fields};
use tideboard_ui::widgets::{DownloadAct, Downloads};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;
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
    realtime: Log<Realtime>,
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
    props.realtime.note(use_realtime());
    let act = files.clone();
    html! { <Downloads rows={files.rows()} on_add={Callback::noop()} on_act={Callback::from(move |(id, what)| act.act(id, what))} /> }
}

async fn tab(board: BoardId) -> (Mounted<App>, Log<DownloadRunnerHandle>) {
    let (app, handles, _) = tab_with_client(board).await;
    (app, handles)
}

async fn tab_with_client(board: BoardId) -> (Mounted<App>, Log<DownloadRunnerHandle>, Realtime) {
    let handles = Log::default();
    let realtime = Log::default();
    let app = mount::<App>(Props { board, handles: handles.clone(), realtime: realtime.clone() });
    wait_until("the board", || handles.len() > 0 && handles.last().rows().is_some()).await;
    (app, handles, realtime.last())
}

fn file() -> Download {
    Download { name: "api.json".into(), url: FILE.into(), ..Download::default() }
}

fn download(handles: &Log<DownloadRunnerHandle>, id: &EntityId) -> Option<Download> {
    handles.last().rows()?.iter().find(|row| row.id == *id).map(|row| row.download.clone())
}

/// Fetches a file of the tab's own, after all that it was told before.
async fn fetch_one(tab: &Log<DownloadRunnerHandle>) -> EntityId {
    let id = tab.last().add(&file());
    wait_until("the file", || status(tab, &id) == Some(DownloadStatus::Done)).await;
    id
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

#[wasm_bindgen_test]
async fn a_tab_fetches_nothing_that_others_write_to_the_board_in_its_name() {
    let board = board();
    let (_app, ann) = tab(board.clone()).await;
    let (_other, bo, stranger) = tab_with_client(board.clone()).await;
    let own = fetch_one(&ann).await;
    let runner = download(&ann, &own).unwrap().runner;
    wait_until("the name of the tab", || download(&bo, &own).is_some_and(|download| download.runner == runner)).await;

    let fields = [("name", "theirs".into()), ("url", FILE.into()), ("runner", runner.into())];
    let fields: Fields = fields.map(|(name, value)| (name.to_owned(), value)).into();
    let theirs = EntityId::from("theirs");
    let create = Action::Create { kind: "download".into(), fields };
    stranger.apply(Edit::new(board.clone(), theirs.clone(), create), |_| {}).unwrap();
    let elsewhere = Action::set([("url", "/no-such-thing"), ("status", "queued")]);
    stranger.apply(Edit::new(board, own.clone(), elsewhere), |_| {}).unwrap();
    wait_until("their edits", || {
        status(&ann, &theirs).is_some() && download(&ann, &own).is_some_and(|download| download.url != FILE)
    })
    .await;

    fetch_one(&ann).await;
    assert_eq!(status(&ann, &theirs), Some(DownloadStatus::Queued));
    assert_eq!(status(&ann, &own), Some(DownloadStatus::Queued));
}

#[wasm_bindgen_test]
async fn an_address_of_another_site_that_others_gave_is_asked_about_before_it_is_fetched() {
    let board = board();
    let (app, ann) = tab(board.clone()).await;
    let (_other, bo) = tab(board).await;
    // No browser connects to this port.
    let id = bo.last().add(&Download { url: "http://127.0.0.1:1/file".into(), ..file() });
    wait_until("the failure", || status(&ann, &id) == Some(DownloadStatus::Failed)).await;
    let runner = || download(&ann, &id).unwrap().runner;
    let theirs = runner();
    let dialog = || app.root.query_selector("dialog.confirm").unwrap();
    let press = |words: &str| {
        let buttons = dialog().unwrap().query_selector_all("button").unwrap();
        let mut buttons = (0..buttons.length()).filter_map(|at| buttons.item(at)?.dyn_into::<HtmlElement>().ok());
        buttons.find(|button| button.text_content().as_deref() == Some(words)).unwrap().click();
    };

    ann.last().act(id.clone(), DownloadAct::RunHere);
    wait_until("the question", || dialog().is_some()).await;
    assert!(dialog().unwrap().text_content().unwrap().contains("Fetch a file from 127.0.0.1:1?"));
    press("Cancel");
    wait_until("the end of the question", || dialog().is_none()).await;
    assert_eq!(runner(), theirs);

    ann.last().act(id.clone(), DownloadAct::RunHere);
    wait_until("the question", || dialog().is_some()).await;
    press("Fetch");
    wait_until("the tab that fetches it", || runner() != theirs && dialog().is_none()).await;
}
