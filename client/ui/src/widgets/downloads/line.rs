use std::time::Duration;

use tideboard_client::entities::{Download, DownloadStatus};
use yew::prelude::*;

use super::{DownloadAct, DownloadRow};
use crate::{
    components::{Icon, IconButton, PendingMark},
    format::{Unit, bytes, percent, span},
};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct DownloadLineProps {
    pub(super) row: DownloadRow,
    pub(super) on_act: Callback<DownloadAct>,
    pub(super) is_disabled: bool,
}

/// Line of a download: its name, its progress, its buttons.
#[component]
pub(super) fn DownloadLine(props: &DownloadLineProps) -> Html {
    let DownloadLineProps { row, on_act, is_disabled } = props;
    let DownloadRow { id, download, .. } = row;
    let state = if row.is_stalled { "stalled" } else { download.status.name() };
    let words = words(row);
    let share = share(download);
    let button = |act: DownloadAct| {
        let (icon, verb) = face(act);
        html! { <IconButton {icon} label={format!("{verb} {}", download.name)} onclick={on_act.reform(move |_| act)} /> }
    };
    let (main, others) = acts(row);
    html! {
        <li class="download" data-entity={id.to_string()} data-state={state}>
            <span class="download-name" title={download.url.clone()}>{ &download.name }</span>
            <PendingMark count={row.pending} />
            <span class="download-actions">
                if let Some(act) = main.filter(|act| !is_disabled || *act == DownloadAct::Save) {
                    if row.is_stalled {
                        <button type="button" onclick={on_act.reform(move |_| act)}>{ if download.received_bytes > 0 { "Resume here" } else { "Fetch here" } }</button>
                    } else {
                        { button(act) }
                    }
                }
                if !is_disabled {
                    { for others.iter().map(|act| button(*act)) }
                }
            </span>
            <div class="download-bar" role="progressbar" aria-label={format!("Progress of {}", download.name)} aria-valuemin="0"
                aria-valuemax="100" aria-valuenow={share.map(|share| format!("{:.0}", share * 100.0))} aria-valuetext={words.clone()}>
                <span style={format!("inline-size:{:.1}%", share.unwrap_or(0.0) * 100.0)} />
            </div>
            <span class="download-words">{ words }</span>
        </li>
    }
}

/// Offers for a download: the likeliest first, then the rest.
fn acts(row: &DownloadRow) -> (Option<DownloadAct>, &'static [DownloadAct]) {
    use DownloadAct::{Cancel, Pause, Remove, Resume, RunHere, Save};
    match row.download.status {
        DownloadStatus::Queued | DownloadStatus::Running if row.is_stalled => (Some(RunHere), &[Cancel]),
        DownloadStatus::Queued | DownloadStatus::Running => (Some(Pause), &[Cancel]),
        DownloadStatus::Paused => (Some(Resume), &[Cancel]),
        DownloadStatus::Done if row.is_here => (Some(Save), &[Remove]),
        DownloadStatus::Done | DownloadStatus::Failed | DownloadStatus::Cancelled => (Some(RunHere), &[Remove]),
    }
}

fn face(act: DownloadAct) -> (Icon, &'static str) {
    match act {
        DownloadAct::Pause => (Icon::Pause, "Pause"),
        DownloadAct::Resume => (Icon::Play, "Resume"),
        DownloadAct::RunHere => (Icon::Retry, "Fetch again"),
        DownloadAct::Cancel => (Icon::Close, "Cancel"),
        DownloadAct::Remove => (Icon::Trash, "Remove"),
        DownloadAct::Save => (Icon::Download, "Save"),
    }
}

/// Share of it that is there; `None` while its size is not known.
fn share(download: &Download) -> Option<f64> {
    if download.status == DownloadStatus::Done {
        return Some(1.0);
    }
    (download.bytes > 0).then(|| (download.received_bytes as f64 / download.bytes as f64).min(1.0))
}

/// Progress in words: `Downloading · 1.2 of 4.8 MiB · 25% · 320 KiB/s · 12 s left`.
fn words(row: &DownloadRow) -> String {
    let Download { bytes: total, received_bytes: received, status, reason, .. } = &row.download;
    let state = match (row.is_stalled, received) {
        (false, _) => status.label(),
        (true, 0) => "Not begun",
        (true, _) => "Nobody fetches it now",
    };
    let mut parts = vec![state.to_owned()];
    match (status, total) {
        (DownloadStatus::Done, _) => parts.push(bytes((*received).max(*total) as f64)),
        (_, 0) if *received > 0 => parts.push(bytes(*received as f64)),
        (_, 0) => {}
        (_, total) => parts.push(format!("{} of {}", bytes(*received as f64), bytes(*total as f64))),
    }
    match status {
        DownloadStatus::Running if !row.is_stalled => {
            parts.extend(share(&row.download).map(percent));
            if let Some(rate) = row.rate.filter(|rate| *rate >= 1.0) {
                parts.push(Unit::BytesPerSecond.format(rate));
                let left_s = total.saturating_sub(*received) as f64 / rate;
                if *total > 0 && left_s.is_finite() && left_s < 1e6 {
                    parts.push(format!("{} left", span(Duration::from_secs_f64(left_s.max(1.0)))));
                }
            }
        }
        DownloadStatus::Failed if !reason.is_empty() => parts.push(reason.clone()),
        DownloadStatus::Done if !row.is_here => parts.push("in the browser that fetched it".to_owned()),
        _ => {}
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn row(status: DownloadStatus, received_bytes: u64, bytes: u64) -> DownloadRow {
        DownloadRow::new("d1".into(), Download { status, received_bytes, bytes, ..Download::default() })
    }

    #[test]
    fn progress_is_told_in_units_for_people() {
        let mut running = row(DownloadStatus::Running, 1024 * 1024, 4 * 1024 * 1024);
        assert_eq!(words(&running), "Downloading · 1 MiB of 4 MiB · 25%");
        running.rate = Some(512.0 * 1024.0);
        assert_eq!(words(&running), "Downloading · 1 MiB of 4 MiB · 25% · 512 KiB/s · 6 s left");
        running.is_stalled = true;
        assert_eq!(words(&running), "Nobody fetches it now · 1 MiB of 4 MiB");
        assert_eq!(words(&row(DownloadStatus::Running, 2048, 0)), "Downloading · 2 KiB");
        assert_eq!(words(&row(DownloadStatus::Done, 2048, 0)), "Done · 2 KiB · in the browser that fetched it");
    }

    #[test]
    fn only_the_tab_that_has_the_file_can_save_it() {
        let mut done = row(DownloadStatus::Done, 1, 1);
        assert_eq!(acts(&done).0, Some(DownloadAct::RunHere));
        done.is_here = true;
        assert_eq!(acts(&done).0, Some(DownloadAct::Save));
    }
}
