//! Figures of one visit as the browser measured them, and the middle of several.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;
use tideboard_tests::browser::Page;

const READ: &str = "
    const mark = (name) => performance.getEntriesByName(name)[0]?.startTime ?? 0;
    const files = performance.getEntriesByType('resource');
    const [page] = performance.getEntriesByType('navigation');
    const { shifts, ...seen } = window.startSeen;
    return {
        ...seen,
        painted: mark('first-contentful-paint'),
        point: mark(arguments[0]),
        downloaded: files.find(({ name }) => name.endsWith('.wasm'))?.responseEnd ?? 0,
        bytes: page.transferSize + files.reduce((sum, { transferSize }) => sum + transferSize, 0),
        files: files.length + 1,
        shifts: shifts.flatMap(({ moved }) => moved),
        shift: shifts.reduce((sum, { value }) => sum + value, 0),
    };";

/// Figures of one visit. Times in ms from the moment the address was opened.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figures {
    painted: f64,
    largest: f64,
    downloaded: f64,
    instantiated: f64,
    point: f64,
    long_tasks: f64,
    long_ms: f64,
    bytes: f64,
    files: f64,
    shift: f64,
    /// Each movement that nobody asked for.
    pub(crate) shifts: Vec<Shift>,
}

/// Element that moved by itself.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Shift {
    pub(crate) element: String,
    /// Time of the movement, and both places.
    pub(crate) how: String,
}

impl Figures {
    /// The table's first two lines.
    pub(crate) const HEAD: &str = "\
| | first paint | largest paint | WebAssembly there | compiled | first live point | long tasks | layout shift in 10 s | files | transferred |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|";

    /// Reads what the page has noted.
    pub(crate) async fn of(page: &Page, first_point: &str) -> Result<Self> {
        let read = page.run_with(READ, vec![json!(first_point)]).await?;
        serde_json::from_value(read).context("the page measures something else")
    }

    /// A line of the table.
    pub(crate) fn row(&self, what: &str) -> String {
        format!(
            "| {what} | {:.0} ms | {:.0} ms | {:.0} ms | + {:.0} ms | **{:.0} ms** | {:.0}, {:.0} ms | {} | {:.0} | {:.0} kB |",
            self.painted,
            self.largest,
            self.downloaded,
            (self.instantiated - self.downloaded).max(0.0),
            self.point,
            self.long_tasks,
            self.long_ms,
            if self.shift == 0.0 { "0".to_owned() } else { format!("{:.4}", self.shift) },
            self.files,
            self.bytes / 1e3,
        )
    }
}

/// The median of each figure by itself; of the layout shift the worst. There has to be one visit at least.
pub(crate) fn median(visits: &[Figures]) -> Figures {
    let of = |figure: fn(&Figures) -> f64| {
        let mut all: Vec<f64> = visits.iter().map(figure).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    Figures {
        painted: of(|visit| visit.painted),
        largest: of(|visit| visit.largest),
        downloaded: of(|visit| visit.downloaded),
        instantiated: of(|visit| visit.instantiated),
        point: of(|visit| visit.point),
        long_tasks: of(|visit| visit.long_tasks),
        long_ms: of(|visit| visit.long_ms),
        bytes: of(|visit| visit.bytes),
        files: of(|visit| visit.files),
        shift: visits.iter().map(|visit| visit.shift).fold(0.0, f64::max),
        shifts: Vec::new(),
    }
}
