//! Size and colours of a page.

use anyhow::Result;
use serde_json::json;

use super::Page;

/// Script: nothing is on its way. The app runs, its fonts are there, and no part of it says that it loads.
const IS_CALM: &str = "
    const busy = '.boot, .skeleton, [aria-busy=true], [data-status=loading], [data-status=catching-up]';
    return document.fonts.status === 'loaded' && document.querySelector('main, [role=main]') !== null
        && document.querySelector(busy) === null;";

/// Colours that the system asks of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// Dark, with more contrast.
    Contrast,
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::Contrast];

    /// In lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Contrast => "contrast",
        }
    }
}

/// A page's size in CSS pixels, each of them one of the device's, and its theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The system's choice.
    pub theme: Theme,
    /// Width of the page.
    pub width: u32,
    /// Height of what is seen of it.
    pub height: u32,
}

impl Page {
    /// Makes the page look so from now on.
    pub async fn look(&self, look: Look) -> Result<()> {
        let Look { theme, width, height } = look;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", size).await?;
        let scheme = if theme == Theme::Light { "light" } else { "dark" };
        let contrast = if theme == Theme::Contrast { "more" } else { "no-preference" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-contrast", "value": contrast },
            // What moves would be caught in the middle.
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await?;
        Ok(())
    }

    /// Waits until the page has all that it shows at first, and has painted it.
    pub async fn is_calm(&self) -> Result<()> {
        self.until("page at rest", async || Ok((self.run(IS_CALM).await? == true).then_some(()))).await?;
        let painted = "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))";
        self.run(painted).await?;
        Ok(())
    }

    /// Height of the page from top to bottom, in CSS pixels.
    pub async fn full_height(&self) -> Result<u32> {
        let height = self.run("return document.documentElement.scrollHeight").await?;
        Ok(serde_json::from_value(height)?)
    }

    /// Picture of the page's part in sight, as a PNG.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        Ok(self.driver.screenshot_as_png().await?)
    }
}
