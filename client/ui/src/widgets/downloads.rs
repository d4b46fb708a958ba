use std::rc::Rc;

use tideboard_client::entities::Download;
use tideboard_shared::EntityId;
use yew::prelude::*;

use crate::components::{EmptyState, Icon};

mod line;
mod new_download;

use line::DownloadLine;
use new_download::NewDownload;

/// Download as the list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct DownloadRow {
    /// The entity.
    pub id: EntityId,
    /// Fields of the download.
    pub download: Download,
    /// Number of its edits that wait for the server.
    pub pending: usize,
    /// Bytes a second, where that is known.
    pub rate: Option<f64>,
    /// Set where this tab fetches it, or has the file.
    pub is_here: bool,
    /// Set where it should be fetched and no tab seems to do so.
    pub is_stalled: bool,
}

impl DownloadRow {
    /// Row of a download that another tab fetches, at a rate that is not known.
    #[must_use]
    pub fn new(id: EntityId, download: Download) -> Self {
        Self { id, download, pending: 0, rate: None, is_here: false, is_stalled: false }
    }
}

/// Wish of a user for a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownloadAct {
    /// Stop it; what is there stays.
    Pause,
    /// Go on, by whoever fetched it.
    Resume,
    /// Fetch it in this tab, from wherever this tab is.
    RunHere,
    /// Give it up; what is there goes.
    Cancel,
    /// Take it off the list.
    Remove,
    /// Save what this tab has as a file.
    Save,
}

/// Properties of [`Downloads`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct DownloadsProps {
    /// The downloads in the order to show them; placeholders while absent.
    pub rows: Option<Rc<[DownloadRow]>>,
    /// Called with what to do with one.
    pub on_act: Callback<(EntityId, DownloadAct)>,
    /// Called with one to add, `name` and `url` filled in.
    pub on_add: Callback<Download>,
    /// Shows the downloads but does not let them be changed.
    #[prop_or_default]
    pub is_disabled: bool,
}

/// Downloads with their progress, the same for everyone on the board.
#[component]
pub fn Downloads(props: &DownloadsProps) -> Html {
    let DownloadsProps { rows, on_act, on_add, is_disabled } = props;
    let form = if *is_disabled {
        Html::default()
    } else {
        html! { <NewDownload on_add={on_add.clone()} /> }
    };
    let content = match rows.as_deref() {
        None => {
            let line = |index: usize| {
                html! { <li key={index} class="download"><span class="skeleton skeleton-line">{ "\u{a0}" }</span><span class="skeleton download-bar" /></li> }
            };
            html! { <ul class="download-lines" aria-hidden="true">{ for (0..2).map(line) }</ul> }
        }
        Some([]) => html! {
            <EmptyState icon={Icon::Download} title="No downloads yet"
                text="Give the address of a file. Everyone on the board sees how far it is; you get the file." />
        },
        Some(rows) => html! {
            <ul class="download-lines" aria-label="Downloads">
                { for rows.iter().map(|row| {
                    let id = row.id.clone();
                    let on_act = on_act.reform(move |act| (id.clone(), act));
                    html! { <DownloadLine key={row.id.as_str()} row={row.clone()} {on_act} is_disabled={*is_disabled} /> }
                }) }
            </ul>
        },
    };
    html! { <div class="downloads">{ content }{ form }</div> }
}
