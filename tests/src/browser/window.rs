//! Several tabs of one browser.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use thirtyfour::{WebDriver, WindowHandle};

use super::{Page, Stage, page::NO_TOUR};

/// Lets a test cut the page off from the server, which stays cut off after a reload: `cut('all')`, `cut('socket')`,
/// `cut('nothing')`.
const SCISSORS: &str = "
    const isCut = (what) => ['all', what].includes(localStorage.getItem('cut'));
    const sockets = new Set();
    window.WebSocket = class extends WebSocket {
        constructor(url, ...rest) {
            super(isCut('socket') ? 'ws://127.0.0.1:1/' : url, ...rest);
            sockets.add(this);
        }
    };
    const fetch = window.fetch;
    window.fetch = (request, ...rest) => {
        const isOurs = String(request.url ?? request).includes('/api/realtime');
        return isOurs && isCut('rest') ? Promise.reject(new TypeError('cut')) : fetch(request, ...rest);
    };
    window.cut = (what) => {
        localStorage.setItem('cut', what);
        if (isCut('socket')) sockets.forEach((socket) => socket.close());
    };";

/// A browser with the dashboard in several tabs. One tab is in front, and is the page that is used.
#[derive(Debug)]
pub struct Window {
    driver: WebDriver,
    page: Page,
    tabs: Vec<WindowHandle>,
    url: String,
    script: String,
}

impl Window {
    /// Opens the dashboard in a browser of its own, in as many tabs.
    pub async fn open(stage: &Stage, tabs: usize) -> Result<Self> {
        Self::with(stage, tabs, "").await
    }

    /// Opens a window in which `script` runs in each page before all others.
    pub async fn with(stage: &Stage, tabs: usize, script: &str) -> Result<Self> {
        let driver = stage.browser().await?;
        let first = driver.window().await?;
        let page = Page::of(driver.clone());
        let script = format!("{NO_TOUR}{SCISSORS}{script}");
        let mut this = Self { driver, page, tabs: vec![first.clone()], url: stage.url(), script };
        this.load(first).await?;
        for _ in 1..tabs {
            this.add_tab().await?;
        }
        Ok(this)
    }

    /// Opens one more tab.
    pub async fn add_tab(&mut self) -> Result<()> {
        let tab = self.driver.new_tab().await?;
        self.tabs.push(tab.clone());
        self.load(tab).await
    }

    /// Brings a tab to the front.
    pub async fn tab(&self, at: usize) -> Result<&Page> {
        self.front(&self.tabs[at]).await?;
        Ok(&self.page)
    }

    /// Closes a tab; those behind it move up.
    pub async fn close_tab(&mut self, at: usize) -> Result<()> {
        self.front(&self.tabs[at]).await?;
        self.driver.close_window().await?;
        self.tabs.remove(at);
        self.front(self.tabs.first().context("one tab has to stay")?).await
    }

    /// Ends a tab's process.
    pub async fn crash_tab(&mut self, at: usize) -> Result<()> {
        self.front(&self.tabs[at]).await?;
        // Nobody is left to answer.
        let _crashed = self.driver.goto("chrome://crash").await;
        self.tabs.remove(at);
        self.front(self.tabs.first().context("one tab has to stay")?).await
    }

    /// Opens a copy of a tab, as a browser's "duplicate" does.
    pub async fn copy_tab(&mut self, at: usize) -> Result<()> {
        self.front(&self.tabs[at]).await?;
        self.page.run("window.open(location.href)").await?;
        let windows = self.driver.windows().await?;
        let copy = windows.into_iter().find(|window| !self.tabs.contains(window)).context("no copy was opened")?;
        self.tabs.push(copy);
        Ok(())
    }

    /// Tells a tab's browser something, by the name of Chromium's developer tools.
    pub async fn tell(&self, at: usize, method: &str, params: Value) -> Result<()> {
        self.front(&self.tabs[at]).await?;
        self.driver.cdp().send_raw(method, params).await?;
        Ok(())
    }

    /// Goes to another page in a tab, and back.
    pub async fn leave_and_return(&self, at: usize) -> Result<()> {
        self.front(&self.tabs[at]).await?;
        self.driver.goto(&format!("{}/api/realtime/health", self.url)).await?;
        Ok(self.driver.back().await?)
    }

    /// Loads a tab anew.
    pub async fn reload(&self, at: usize) -> Result<()> {
        self.front(&self.tabs[at]).await?;
        Ok(self.driver.refresh().await?)
    }

    /// Cuts all tabs off from the server, or lets them reach it again.
    pub async fn cut(&self, what: &str) -> Result<()> {
        for tab in &self.tabs {
            self.front(tab).await?;
            self.page.run(&format!("cut('{what}')")).await?;
        }
        Ok(())
    }

    /// Closes the browser with all tabs.
    pub async fn close(self) -> Result<()> {
        self.page.close().await
    }

    async fn load(&self, tab: WindowHandle) -> Result<()> {
        self.front(&tab).await?;
        self.page.before_all(&self.script).await?;
        self.driver.goto(&self.url).await?;
        self.page.is_synced().await
    }

    async fn front(&self, tab: &WindowHandle) -> Result<()> {
        self.driver.switch_to_window(tab.clone()).await?;
        self.driver.cdp().send_raw("Page.bringToFront", json!({})).await?;
        Ok(())
    }
}
