//! `use_downloads` against the real server.

use tideboard_client::{
    entities::{Download, DownloadStatus},
    hooks::{UseDownloadsHandle, use_downloads},
};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::probe::{ProbeProps, board, hooked};

#[component]
fn Downloads(props: &ProbeProps<(), UseDownloadsHandle>) -> Html {
    props.probe.renders.note(use_downloads(board()));
    Html::default()
}

#[wasm_bindgen_test]
async fn a_download_is_listed_from_its_first_byte_to_its_last() {
    let user = hooked::<Downloads, _, _>(()).await;
    user.on_board().await;
    let download = Download { name: "Report".into(), url: "/report.pdf".into(), bytes: 100, ..Default::default() };
    let (id, _) = user.handle().add(&download);
    let status = |downloads: &UseDownloadsHandle| downloads.get(&id).map(|item| item.value.status);
    user.until("it waits", |downloads| status(downloads) == Some(DownloadStatus::Queued)).await;
    user.handle().set_received(id.clone(), 40);
    let half = user.until("it runs", |downloads| status(downloads) == Some(DownloadStatus::Running)).await;
    assert_eq!(half.get(&id).map(|item| item.value.received_bytes), Some(40));
    user.handle().set_status(id.clone(), DownloadStatus::Paused);
    user.until("it pauses", |downloads| status(downloads) == Some(DownloadStatus::Paused)).await;
    user.handle().set_received(id.clone(), 100);
    user.until("it is done", |downloads| status(downloads) == Some(DownloadStatus::Done)).await;
    user.handle().remove(id.clone());
    user.until("it is gone", |downloads| downloads.get(&id).is_none() && downloads.pending() == 0).await;
    assert!(user.handle().refusals().is_empty());
}
