//! On what the app is started.

use anyhow::Result;
use serde_json::json;
use tideboard_tests::browser::{Look, Page, Theme};

/// A screen, a processor and a network.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    size: (u32, u32),
    /// Factor by which the processor is slower.
    slowdown: u32,
    network: Option<Network>,
}

#[derive(Debug)]
struct Network {
    round_trip_ms: u32,
    down_kbit: u32,
    up_kbit: u32,
}

impl Profile {
    /// A phone: 4 × slower, and "fast 3G", which Lighthouse has by default and WebPageTest calls "Mobile 3G - Fast".
    /// <https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md>
    pub(crate) const PHONE: Self = Self {
        name: "phone, fast 3G",
        size: (400, 860),
        slowdown: 4,
        network: Some(Network { round_trip_ms: 150, down_kbit: 1_600, up_kbit: 750 }),
    };
    /// Profile of this machine as it is.
    pub(crate) const DESK: Self = Self { name: "this machine", size: (1440, 900), slowdown: 1, network: None };

    pub(crate) fn look(&self) -> Look {
        let (width, height) = self.size;
        Look { theme: Theme::Light, width, height }
    }

    /// Slows the page down.
    pub(crate) async fn apply(&self, page: &Page) -> Result<()> {
        page.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": self.slowdown })).await?;
        let Some(Network { round_trip_ms, down_kbit, up_kbit }) = self.network else { return Ok(()) };
        page.cdp("Network.enable", json!({})).await?;
        let bytes = |kbit: u32| kbit * 1_000 / 8;
        let conditions = json!({
            "offline": false,
            "latency": round_trip_ms,
            "downloadThroughput": bytes(down_kbit),
            "uploadThroughput": bytes(up_kbit),
        });
        page.cdp("Network.emulateNetworkConditions", conditions).await?;
        Ok(())
    }
}
