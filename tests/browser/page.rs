//! The dashboard in one browser, by what a person sees and uses.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use thirtyfour::{By, Key, WebDriver, WebElement};
use tideboard_tests::DEADLINE;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// The widgets and fields that the tests use.
pub(crate) mod part {
    pub(crate) const SYNC: &str = "button.sync-button";
    pub(crate) const SYNC_DETAILS: &str = "#sync-details";
    pub(crate) const NOTE_TITLE: &str = "input[aria-label='Title']";
    pub(crate) const NOTE_TEXT: &str = "textarea[aria-label='Text']";
    pub(crate) const COUNTER_VALUE: &str = "output.counter-value";
    pub(crate) const COUNTER_ADD: &str = "button[aria-label='One more']";
    pub(crate) const COUNTER_SUBTRACT: &str = "button[aria-label='One less']";

    pub(crate) const TABLE_FILTER: &str = "input[aria-label='Filter orders']";

    /// A cell of an order.
    pub(crate) fn order(entity: &str, label: &str) -> String {
        format!("[data-entity='{entity}'] [data-label='{label}']")
    }

    /// A field of the line for a new order.
    pub(crate) fn new_order(label: &str) -> String {
        format!("[aria-label='{label} of the new order']")
    }
}

/// One browser with the dashboard open. Its driver closes it at the end.
#[derive(Debug)]
pub(crate) struct Page {
    driver: WebDriver,
}

impl Page {
    /// Opens the dashboard and waits until it is connected.
    pub(crate) async fn open(driver: WebDriver, url: &str) -> Result<Self> {
        let this = Self { driver };
        this.driver.goto(url).await?;
        this.is_synced().await?;
        Ok(this)
    }

    /// What a browser shows now.
    pub(crate) fn of(driver: WebDriver) -> Self {
        Self { driver }
    }

    /// Waits until the indicator says that all is well.
    pub(crate) async fn is_synced(&self) -> Result<()> {
        self.shows_level("good").await
    }

    /// Waits for a level of the indicator: `good`, `busy`, `waiting`, `bad`.
    pub(crate) async fn shows_level(&self, level: &str) -> Result<()> {
        let dot = format!(".sync-dot[data-level='{level}']");
        self.until(&format!("indicator at '{level}'"), async || Ok(self.all(&dot).await?.pop().map(drop))).await
    }

    /// Waits until an element shows exactly this text, or has it as its value.
    pub(crate) async fn shows(&self, css: &str, text: &str) -> Result<()> {
        let what = format!("'{text}' in {css}");
        self.until(&what, async || Ok((self.text(css).await? == text).then_some(()))).await
    }

    /// Waits until there is an element whose text or value is exactly this.
    pub(crate) async fn shows_somewhere(&self, css: &str, text: &str) -> Result<()> {
        let found = async || {
            for element in self.all(css).await? {
                if text_of(&element).await? == text {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        };
        self.until(&format!("'{text}' in some {css}"), found).await
    }

    /// What an element shows now.
    pub(crate) async fn text(&self, css: &str) -> Result<String> {
        text_of(&self.find(css).await?).await
    }

    /// How many elements there are now.
    pub(crate) async fn count(&self, css: &str) -> Result<usize> {
        Ok(self.all(css).await?.len())
    }

    pub(crate) async fn click(&self, css: &str) -> Result<()> {
        let element = self.find(css).await?;
        element.scroll_into_view().await?;
        element.click().await.with_context(|| format!("cannot click {css}"))
    }

    /// Replaces a field's content and leaves the field.
    pub(crate) async fn fill(&self, css: &str, text: &str) -> Result<()> {
        let field = self.find(css).await?;
        field.scroll_into_view().await?;
        field.click().await?;
        field.send_keys(Key::Control + "a").await?;
        field.send_keys(text).await?;
        field.send_keys(Key::Tab + "").await?;
        Ok(())
    }

    /// Picks an option of a list by its value.
    pub(crate) async fn pick(&self, css: &str, value: &str) -> Result<()> {
        let option = format!("{css} option[value='{value}']");
        self.find(&option).await?.click().await.with_context(|| format!("cannot pick {option}"))
    }

    /// Loads the page again; says nothing of whether it is connected then.
    pub(crate) async fn reload(&self) -> Result<()> {
        Ok(self.driver.refresh().await?)
    }

    /// Replaces what is in a cell of a table, and goes on to the next.
    pub(crate) async fn fill_cell(&self, css: &str, text: &str) -> Result<()> {
        self.click(css).await?;
        let field = self.find(&format!("{css} .cell-editor")).await?;
        field.send_keys(Key::Control + "a").await?;
        field.send_keys(text).await?;
        Ok(field.send_keys(Key::Tab + "").await?)
    }

    /// Picks a value of a table's cell.
    pub(crate) async fn pick_in_cell(&self, css: &str, value: &str) -> Result<()> {
        self.click(css).await?;
        self.pick(&format!("{css} .cell-editor"), value).await
    }

    /// Presses keys in a field.
    pub(crate) async fn press(&self, css: &str, keys: &str) -> Result<()> {
        Ok(self.find(css).await?.send_keys(keys).await?)
    }

    /// Presses Enter in a field.
    pub(crate) async fn enter(&self, css: &str) -> Result<()> {
        Ok(self.find(css).await?.send_keys(Key::Enter + "").await?)
    }

    /// Runs a script and returns its result.
    pub(crate) async fn run(&self, script: &str) -> Result<Value> {
        self.run_with(script, Vec::new()).await
    }

    /// The same with arguments, which the script finds in `arguments`.
    pub(crate) async fn run_with(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.driver.execute(script, arguments).await?.json().clone())
    }

    /// Seconds by the browser's clock; seconds of script, and of anything at all, on the page's thread so far.
    pub(crate) async fn metrics(&self) -> Result<(f64, f64, f64)> {
        let cdp = self.driver.cdp();
        cdp.performance().enable().await?;
        let metrics = cdp.performance().get_metrics().await?;
        let of = |name: &str| metrics.iter().find(|metric| metric.name == name).map_or(0.0, |metric| metric.value);
        Ok((of("Timestamp"), of("ScriptDuration"), of("TaskDuration")))
    }

    /// Errors and panics that the page has written to the console since the last call.
    pub(crate) async fn complaints(&self) -> Result<Vec<String>> {
        let log = self.driver.browser_log().await?;
        Ok(log.into_iter().filter(|entry| entry.level == "SEVERE").map(|entry| entry.message).collect())
    }

    /// Closes the browser.
    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.driver.clone().quit().await?)
    }

    /// Looks again and again until `probe` finds something. An element that is replaced meanwhile counts as not found.
    pub(crate) async fn until<T>(&self, what: &str, probe: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
        let end = Instant::now() + DEADLINE;
        let mut ticks = interval(Duration::from_millis(50));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let last = probe().await;
            if let Ok(Some(found)) = last {
                return Ok(found);
            }
            if Instant::now() > end {
                let shown = self.run("return document.body.innerText").await?;
                let problem = last.err().map(|error| format!(" ({error:#})")).unwrap_or_default();
                bail!("no {what} within {DEADLINE:?}{problem}\nconsole: {:?}\npage: {shown}", self.complaints().await?);
            }
        }
    }

    async fn find(&self, css: &str) -> Result<WebElement> {
        self.driver.find(By::Css(css.to_owned())).await.with_context(|| format!("no {css} on the page"))
    }

    async fn all(&self, css: &str) -> Result<Vec<WebElement>> {
        Ok(self.driver.find_all(By::Css(css.to_owned())).await?)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // Else the library would wait here for an answer, for minutes, and in the way of the one who would give it.
        let _closed_already = self.driver.clone().leak();
    }
}

async fn text_of(element: &WebElement) -> Result<String> {
    match element.value().await? {
        Some(value) if !value.is_empty() => Ok(value),
        _ => Ok(element.text().await?),
    }
}
