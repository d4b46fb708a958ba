use std::collections::{BTreeMap, BTreeSet};

use tideboard_client::entities::{Download, DownloadStatus};
use tideboard_shared::EntityId;

use super::STALLED_AFTER;

/// Meaning of a server's answer for a download of which some is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beginning {
    /// The server sends all of it.
    Anew,
    /// The server sends the missing part.
    GoesOn,
    /// The server sends no file, but this status.
    Refused(u16),
    /// The server cannot go on from there: ask for all of it.
    AskAnew,
}

/// Reads an answer's status and `Content-Range`, when `have` bytes are there and the rest was asked for.
pub(super) fn beginning(status: u16, content_range: Option<&str>, have: u64) -> Beginning {
    match status {
        206 if range_start(content_range) == Some(have) => Beginning::GoesOn,
        206 | 416 if have > 0 => Beginning::AskAnew,
        200..300 if status != 206 => Beginning::Anew,
        _ => Beginning::Refused(status),
    }
}

/// The 5 of `bytes 5-9/10`.
fn range_start(content_range: Option<&str>) -> Option<u64> {
    content_range?.trim().strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}

/// A rate that follows the last seconds and does not jump: bytes a second, smoothed.
pub(super) fn smoothed(rate: Option<f64>, bytes: u64, over_ms: f64) -> Option<f64> {
    if over_ms < 1.0 {
        return rate;
    }
    let now = bytes as f64 * 1_000.0 / over_ms;
    Some(rate.map_or(now, |rate| rate + (now - rate) * 0.3))
}

/// Since when each download that should be fetched is as far as it is.
#[derive(Debug, Default)]
pub(super) struct Watch {
    since: BTreeMap<EntityId, (Progress, f64)>,
}

type Progress = (DownloadStatus, u64, String);

impl Watch {
    /// Downloads that no tab seems to fetch. A waiting one does not count while its tab fetches another.
    pub(super) fn stalled(&mut self, items: &[(&EntityId, &Download)], now_ms: f64) -> BTreeSet<EntityId> {
        let wanted = || items.iter().filter(|(_, download)| download.status.is_wanted());
        let mut since = BTreeMap::new();
        for (id, Download { status, received_bytes, runner, .. }) in wanted() {
            let progress = (*status, *received_bytes, runner.clone());
            let before = self.since.remove(*id).filter(|(before, _)| *before == progress);
            since.insert(EntityId::clone(id), before.unwrap_or((progress, now_ms)));
        }
        self.since = since;
        // One that nobody has taken yet is nobody's from the start.
        let is_quiet = |id: &EntityId| {
            let since = self.since.get(id);
            since.is_some_and(|((.., runner), since_ms)| {
                runner.is_empty() || now_ms - since_ms >= STALLED_AFTER.as_millis() as f64
            })
        };
        let runs =
            |(id, download): &&(&EntityId, &Download)| download.status == DownloadStatus::Running && !is_quiet(id);
        let busy: BTreeSet<&str> = wanted().filter(runs).map(|(_, download)| download.runner.as_str()).collect();
        let waits =
            |download: &Download| download.status == DownloadStatus::Queued && busy.contains(download.runner.as_str());
        let stalled = wanted().filter(|(id, download)| is_quiet(id) && !waits(download));
        stalled.map(|(id, _)| EntityId::clone(id)).collect()
    }

    /// Tells whether any download may stall.
    pub(super) fn is_waiting(&self) -> bool {
        !self.since.is_empty()
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn download(status: DownloadStatus, received_bytes: u64) -> Download {
        Download { status, received_bytes, runner: "tab".into(), ..Download::default() }
    }

    /// Number of these that are stalled.
    fn stalled(watch: &mut Watch, downloads: &[Download], now_ms: f64) -> usize {
        let ids: Vec<_> = (0..downloads.len()).map(|at| EntityId::from(format!("d{at}"))).collect();
        let items: Vec<_> = ids.iter().zip(downloads).collect();
        watch.stalled(&items, now_ms).len()
    }

    #[test]
    fn a_download_that_gets_nothing_for_a_while_is_stalled() {
        let mut watch = Watch::default();
        let running = |bytes| [download(DownloadStatus::Running, bytes)];
        assert_eq!(stalled(&mut watch, &running(1), 0.0), 0);
        assert_eq!(stalled(&mut watch, &running(1), 4_999.0), 0);
        assert_eq!(stalled(&mut watch, &running(1), 5_000.0), 1);
        assert_eq!(stalled(&mut watch, &running(2), 5_001.0), 0);
        assert_eq!(stalled(&mut watch, &[download(DownloadStatus::Paused, 2)], 60_000.0), 0);
        assert!(!watch.is_waiting());
    }

    #[test]
    fn one_that_waits_for_its_turn_is_not_stalled_while_its_tab_fetches_another() {
        let mut watch = Watch::default();
        let both = |bytes| [download(DownloadStatus::Running, bytes), download(DownloadStatus::Queued, 0)];
        assert_eq!(stalled(&mut watch, &both(1), 0.0), 0);
        assert_eq!(stalled(&mut watch, &both(2), 60_000.0), 0);
        assert_eq!(stalled(&mut watch, &both(2), 120_000.0), 2);
    }

    #[test]
    fn one_that_no_tab_has_taken_is_stalled_at_once() {
        let nobodys = Download { runner: String::new(), ..download(DownloadStatus::Queued, 0) };
        assert_eq!(stalled(&mut Watch::default(), &[nobodys], 0.0), 1);
    }

    #[test]
    fn only_an_answer_that_goes_on_where_it_stopped_is_added_to_what_is_there() {
        assert_eq!(beginning(200, None, 0), Beginning::Anew);
        assert_eq!(beginning(200, None, 5), Beginning::Anew);
        assert_eq!(beginning(206, Some("bytes 5-9/10"), 5), Beginning::GoesOn);
        assert_eq!(beginning(206, Some("bytes 4-9/10"), 5), Beginning::AskAnew);
        assert_eq!(beginning(206, None, 5), Beginning::AskAnew);
        assert_eq!(beginning(416, None, 5), Beginning::AskAnew);
        assert_eq!(beginning(404, None, 5), Beginning::Refused(404));
        assert_eq!(beginning(206, None, 0), Beginning::Refused(206));
    }

    #[test]
    fn a_rate_follows_slowly_and_needs_time_to_have_passed() {
        assert_eq!(smoothed(None, 500, 500.0), Some(1_000.0));
        assert_eq!(smoothed(Some(1_000.0), 0, 1_000.0), Some(700.0));
        assert_eq!(smoothed(Some(1.0), 5, 0.0), Some(1.0));
    }
}
