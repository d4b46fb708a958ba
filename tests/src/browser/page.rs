//! The dashboard in one browser, by what a person sees and uses.

use std::time::Duration;

use crate::DEADLINE;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use thirtyfour::{By, Key, TypingData, WebDriver, WebElement};
use tokio::time::{Instant, MissedTickBehavior, interval};

/// The widgets and fields that the tests use.
pub mod part {
    /// The sync indicator.
    pub const SYNC: &str = "button.sync-button";
    /// Details that the indicator opens.
    pub const SYNC_DETAILS: &str = "#sync-details";
    /// The button that opens the note for writing.
    pub const NOTE_EDIT: &str = "[data-cell='welcome'] [aria-label='Edit note']";
    /// The note's title, while it is written.
    pub const NOTE_TITLE: &str = "[data-cell='welcome'] input[aria-label='Title']";
    /// Text of the note, while it is written.
    pub const NOTE_TEXT: &str = "[data-cell='welcome'] textarea[aria-label='Text']";
    /// The button that ends the writing.
    pub const NOTE_DONE: &str = "[data-cell='welcome'] [aria-label='Done']";
    /// The note's title, as it is read.
    pub const NOTE_HEAD: &str = "[data-cell='welcome'] .panel-head h2";
    /// Text of the note, as it is read.
    pub const NOTE_BODY: &str = "[data-cell='welcome'] .markdown";
    /// The counter's count.
    pub const COUNTER_VALUE: &str = "output.counter-value";
    /// Button of the counter for one more.
    pub const COUNTER_ADD: &str = "button[aria-label='One more']";
    /// Button of the counter for one less.
    pub const COUNTER_SUBTRACT: &str = "button[aria-label='One less']";

    /// The button with these words.
    #[must_use]
    pub fn button(words: &str) -> String {
        format!("//button[normalize-space()='{words}']")
    }

    /// Selector of the element that has this name for those who cannot see it.
    #[must_use]
    pub fn named(label: &str) -> String {
        format!("[aria-label='{label}']")
    }

    /// A cell of an order.
    #[must_use]
    pub fn order(entity: &str, label: &str) -> String {
        format!("[role='row'][data-entity='{entity}'] [data-label='{label}']")
    }

    /// The field that a cell of an order becomes while it is edited.
    #[must_use]
    pub fn order_field(entity: &str, label: &str) -> String {
        format!("[data-entity='{entity}'] .cell-editor[aria-label='{label}']")
    }

    /// A field of the line for a new order.
    #[must_use]
    pub fn new_order(label: &str) -> String {
        format!("[aria-label='{label} of the new order']")
    }
}

/// The tour is for newcomers; it would be in front of everything.
pub(super) const NO_TOUR: &str =
    "try { localStorage.setItem('tideboard.tour_seen', 'true'); } catch { /* No page yet. */ }";

/// Browser with the dashboard open. Its driver closes it at the end.
#[derive(Debug)]
pub struct Page {
    pub(super) driver: WebDriver,
}

impl Page {
    /// Opens the dashboard as somebody who was here before, and waits until it is connected.
    pub async fn open(driver: WebDriver, url: &str) -> Result<Self> {
        let this = Self { driver };
        this.enter(url).await?;
        Ok(this)
    }

    /// Opens the dashboard in this browser, which shows nothing yet.
    pub async fn enter(&self, url: &str) -> Result<()> {
        self.before_all(NO_TOUR).await?;
        self.go(url).await?;
        self.is_synced().await
    }

    /// Page that a browser shows now; it may be a newcomer's.
    pub fn of(driver: WebDriver) -> Self {
        Self { driver }
    }

    /// Waits until the indicator says that all is well.
    pub async fn is_synced(&self) -> Result<()> {
        self.shows_level("good").await
    }

    /// Waits for a level of the indicator: `good`, `busy`, `waiting`, `bad`.
    pub async fn shows_level(&self, level: &str) -> Result<()> {
        let dot = format!(".sync-dot[data-level='{level}']");
        self.until(&format!("indicator at '{level}'"), async || Ok(self.all(&dot).await?.pop().map(drop))).await
    }

    /// Waits until an element shows exactly this text, or has it as its value.
    pub async fn shows(&self, css: &str, text: &str) -> Result<()> {
        let what = format!("'{text}' in {css}");
        self.until(&what, async || Ok((self.text(css).await? == text).then_some(()))).await
    }

    /// Waits until there is an element whose text or value is exactly this.
    pub async fn shows_somewhere(&self, css: &str, text: &str) -> Result<()> {
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

    /// Text of an element as it is now.
    pub async fn text(&self, css: &str) -> Result<String> {
        text_of(&self.find(css).await?).await
    }

    /// Number of elements as it is now.
    pub async fn count(&self, css: &str) -> Result<usize> {
        Ok(self.all(css).await?.len())
    }

    /// Scrolls to an element and clicks it.
    pub async fn click(&self, css: &str) -> Result<()> {
        let element = self.find(css).await?;
        element.scroll_into_view().await?;
        element.click().await.with_context(|| format!("cannot click {css}"))
    }

    /// Replaces a field's content and leaves the field.
    pub async fn fill(&self, css: &str, text: &str) -> Result<()> {
        let field = self.find(css).await?;
        field.scroll_into_view().await?;
        field.click().await?;
        field.send_keys(Key::Control + "a").await?;
        field.send_keys(text).await?;
        field.send_keys(Key::Tab + "").await?;
        Ok(())
    }

    /// Picks an option of a list by its value.
    pub async fn pick(&self, css: &str, value: &str) -> Result<()> {
        let option = format!("{css} option[value='{value}']");
        self.find(&option).await?.click().await.with_context(|| format!("cannot pick {option}"))
    }

    /// Loads the page again; says nothing of whether it is connected then.
    pub async fn reload(&self) -> Result<()> {
        Ok(self.driver.refresh().await?)
    }

    /// Presses keys in a field, at the end of what is in it, or names a file to a field of files. The focus stays there.
    pub async fn type_into(&self, css: &str, keys: impl Into<TypingData>) -> Result<()> {
        Ok(self.find(css).await?.send_keys(keys).await?)
    }

    /// Presses Enter in a field.
    pub async fn press_enter(&self, css: &str) -> Result<()> {
        Ok(self.find(css).await?.send_keys(Key::Enter + "").await?)
    }

    /// Runs a script and returns its result.
    pub async fn run(&self, script: &str) -> Result<Value> {
        self.run_with(script, Vec::new()).await
    }

    /// Runs a script that finds these in `arguments`.
    pub async fn run_with(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.driver.execute(script, arguments).await?.json().clone())
    }

    /// Runs a script in each page that is opened from now on, before the page's own.
    pub async fn before_all(&self, script: &str) -> Result<()> {
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await?;
        Ok(())
    }

    /// Tells the browser something, by the name of Chromium's developer tools.
    pub async fn cdp(&self, method: &str, params: Value) -> Result<Value> {
        Ok(self.driver.cdp().send_raw(method, params).await?)
    }

    /// Goes to another address; says nothing of whether it is connected then.
    pub async fn go(&self, url: &str) -> Result<()> {
        Ok(self.driver.goto(url).await?)
    }

    /// Seconds by the browser's clock; seconds of script, and of anything at all, on the page's thread so far.
    pub async fn metrics(&self) -> Result<(f64, f64, f64)> {
        let cdp = self.driver.cdp();
        cdp.performance().enable().await?;
        let metrics = cdp.performance().get_metrics().await?;
        let of = |name: &str| metrics.iter().find(|metric| metric.name == name).map_or(0.0, |metric| metric.value);
        Ok((of("Timestamp"), of("ScriptDuration"), of("TaskDuration")))
    }

    /// Errors and panics that the page has written to the console since the last call.
    pub async fn complaints(&self) -> Result<Vec<String>> {
        let log = self.driver.browser_log().await?;
        Ok(log.into_iter().filter(|entry| entry.level == "SEVERE").map(|entry| entry.message).collect())
    }

    /// Closes the browser.
    pub async fn close(self) -> Result<()> {
        Ok(self.driver.clone().quit().await?)
    }

    /// Looks again and again until `probe` finds something. An element that is replaced meanwhile counts as not found.
    pub async fn until<T>(&self, what: &str, probe: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
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
        self.driver.find(by(css)).await.with_context(|| format!("no {css} on the page"))
    }

    async fn all(&self, css: &str) -> Result<Vec<WebElement>> {
        Ok(self.driver.find_all(by(css)).await?)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // Else the library would wait here for an answer, for minutes, and in the way of the one who would give it.
        let _closed_already = self.driver.clone().leak();
    }
}

/// A selector of CSS; of XPath where it begins with `//`.
fn by(selector: &str) -> By {
    if selector.starts_with("//") { By::XPath(selector.to_owned()) } else { By::Css(selector.to_owned()) }
}

/// Text typed in a field; the text of any other element.
async fn text_of(element: &WebElement) -> Result<String> {
    match element.tag_name().await?.as_str() {
        "input" | "textarea" | "select" => Ok(element.value().await?.unwrap_or_default()),
        _ => Ok(element.text().await?),
    }
}
