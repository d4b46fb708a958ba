//! Chromium and its driver, found and started; ended with everything they started, also when a test panics.

use std::{
    env,
    path::{Path, PathBuf},
    process::Stdio,
};

use crate::{Launch, Server, browser::Page, within};
use anyhow::{Context, Result, bail, ensure};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::{Pid, geteuid},
};
use tempfile::TempDir;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
};

/// Stage of every test here: a server with the built app, and a driver.
#[derive(Debug)]
pub struct Stage {
    /// The server, to be killed and asked.
    pub server: Server,
    chrome: Chrome,
}

impl Stage {
    /// A server with the built app, its defaults, and this machine's figures four times a second.
    pub async fn set() -> Result<Self> {
        Self::set_with(&app()?).await
    }

    /// Sets the stage with the app in another folder.
    pub async fn set_with(app: &Path) -> Result<Self> {
        Self::launch(Launch::default().flag("--assets", app.display()).flag("--host-rate-hz", 4)).await
    }

    /// A server as the caller wants it; `--assets` is the caller's too.
    pub async fn launch(launch: Launch) -> Result<Self> {
        let chrome = Chrome::start().await?;
        Ok(Self { server: launch.start().await?, chrome })
    }

    /// A browser of its own, with a fresh profile, that shows nothing yet.
    pub async fn browser(&self) -> Result<WebDriver> {
        self.chrome.browser().await
    }

    /// Address of the dashboard.
    pub fn url(&self) -> String {
        self.server.address().http()
    }

    /// Opens the dashboard in a browser of its own, with a fresh profile, and waits until it is connected.
    pub async fn visitor(&self) -> Result<Page> {
        self.visitor_at("/").await
    }

    /// Opens a board's page under a name of the visitor's own, such as `/b/main/overview`.
    pub async fn visitor_named(&self, name: &str, path: &str) -> Result<Page> {
        let page = Page::of(self.chrome.browser().await?);
        page.before_all(&format!(
            "try {{ localStorage.setItem('tideboard.name', '\"{name}\"'); }} catch {{ /* No page yet. */ }}"
        ))
        .await?;
        page.enter(&format!("{}{path}", self.url())).await?;
        Ok(page)
    }

    /// Opens another path of the app in a new browser.
    pub async fn visitor_at(&self, path: &str) -> Result<Page> {
        Page::open(self.chrome.browser().await?, &format!("{}{path}", self.server.address().http())).await
    }
}

#[derive(Debug)]
struct Chrome {
    driver: Child,
    url: String,
    chromium: PathBuf,
    /// Removed after the browsers have ended.
    _profiles: TempDir,
}

impl Chrome {
    async fn start() -> Result<Self> {
        let chromium = program("TIDEBOARD_CHROMIUM", "/usr/bin/chromium")?;
        let chromedriver = program("TIDEBOARD_CHROMEDRIVER", "/usr/bin/chromedriver")?;
        let profiles = TempDir::with_prefix("tideboard-browser-")?;
        let mut command = Command::new(&chromedriver);
        command.arg("--port=0").env("TMPDIR", profiles.path()).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = command.spawn().with_context(|| format!("cannot start {}", chromedriver.display()))?;
        let port = within("line 'started successfully on port'", port(&mut driver)).await??;
        Ok(Self { driver, url: format!("http://127.0.0.1:{port}"), chromium, _profiles: profiles })
    }

    async fn browser(&self) -> Result<WebDriver> {
        let mut capabilities = DesiredCapabilities::chrome();
        capabilities.set_binary(&self.chromium.display().to_string())?;
        for arg in [
            "--headless=new",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // They take room of their own, which a person's may not.
            "--hide-scrollbars",
            "--window-size=1280,1000",
        ] {
            capabilities.add_arg(arg)?;
        }
        if geteuid().is_root() {
            // Chromium's sandbox does not start as root.
            capabilities.add_arg("--no-sandbox")?;
        }
        capabilities.set_browser_log_level(LoggingPrefsLogLevel::Severe)?;
        WebDriver::new(&self.url, capabilities).await.context("Chromium does not start")
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        // The driver alone would leave its browsers behind.
        if let Some(group) = self.driver.id().and_then(|id| i32::try_from(id).ok()) {
            let _gone = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
    }
}

/// The port in chromedriver's line `ChromeDriver was started successfully on port PORT.`
async fn port(driver: &mut Child) -> Result<u16> {
    let mut stdout = BufReader::new(driver.stdout.take().context("stdout is piped")?);
    let mut line = String::new();
    loop {
        line.clear();
        ensure!(stdout.read_line(&mut line).await? > 0, "chromedriver ended before it listened");
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            let port = port.trim().trim_end_matches('.').parse()?;
            tokio::spawn(async move {
                let mut rest = Vec::new();
                stdout.read_to_end(&mut rest).await
            });
            return Ok(port);
        }
    }
}

fn program(variable: &str, default: &str) -> Result<PathBuf> {
    let path = env::var_os(variable).map_or_else(|| PathBuf::from(default), PathBuf::from);
    ensure!(
        path.is_file(),
        "the browser tests need {}, which is missing: run `cargo xtask test app`, or set {variable}",
        path.display()
    );
    Ok(path)
}

/// The folder of the app built with its gallery.
pub fn gallery() -> Result<PathBuf> {
    let folder = env::var_os("TIDEBOARD_TEST_GALLERY").map(PathBuf::from);
    folder.context("the gallery's tests need TIDEBOARD_TEST_GALLERY, a folder: run `cargo xtask test app`")
}

/// The folder of the built app.
pub fn app() -> Result<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    let dist = env::var_os("TIDEBOARD_TEST_DIST").map_or(default, PathBuf::from);
    if !dist.join("index.html").is_file() {
        bail!("the browser tests need the built app in {}: run `cargo xtask test app`", dist.display());
    }
    Ok(dist.canonicalize()?)
}
