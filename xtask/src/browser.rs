//! Provides Chromium and its driver for the tests, and runs the driver.
//!
//! In: `TIDEBOARD_CHROMIUM` and `TIDEBOARD_CHROMEDRIVER`, PATH, or (as root on Debian) apt. Out: a [`Browser`].

use std::{
    env, fmt, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use crate::process::{Background, output, step};

const CHROMIUM: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// Chromium and the driver that fits it.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The browser's program.
    pub(crate) chromium: PathBuf,
    /// Program of its driver.
    pub(crate) chromedriver: PathBuf,
    version: String,
}

impl Browser {
    /// Finds both, or installs them where xtask may.
    pub(crate) fn provide() -> Result<Self> {
        if let Some(browser) = Self::find()? {
            return Ok(browser);
        }
        install()?;
        Self::find()?
            .context("Chromium was installed but is not on PATH; set TIDEBOARD_CHROMIUM and TIDEBOARD_CHROMEDRIVER")
    }

    fn find() -> Result<Option<Self>> {
        let (Some(chromium), Some(chromedriver)) =
            (find("TIDEBOARD_CHROMIUM", &CHROMIUM)?, find("TIDEBOARD_CHROMEDRIVER", &["chromedriver"])?)
        else {
            return Ok(None);
        };
        let version = version(&chromium)?;
        let driver = self::version(&chromedriver)?;
        let major = |version: &str| version.split('.').next().map(str::to_owned);
        ensure!(
            major(&version) == major(&driver),
            "Chromium {version} and chromedriver {driver} do not go together: install both in one version, or set TIDEBOARD_CHROMIUM and TIDEBOARD_CHROMEDRIVER"
        );
        Ok(Some(Self { chromium, chromedriver, version }))
    }

    /// Writes wasm-bindgen-test's browser settings into `dir`: headless, and `http://api.test` leads to `server`.
    pub(crate) fn write_webdriver_json(&self, dir: &Path, server: &str) -> Result<PathBuf> {
        let mut args = vec![
            "--headless=new".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            format!("--host-resolver-rules=MAP api.test:80 {server}"),
        ];
        if is_root() {
            // Chromium's sandbox does not start as root.
            args.push("--no-sandbox".to_owned());
        }
        let path = dir.join("webdriver.json");
        let settings = json!({ "goog:chromeOptions": { "binary": self.chromium, "args": args } });
        fs::write(&path, settings.to_string()).with_context(|| format!("write {}", path.display()))?;
        Ok(path)
    }
}

impl fmt::Display for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chromium {} ({})", self.version, self.chromium.display())
    }
}

/// A running chromedriver. Dropping it ends it and its browsers.
#[derive(Debug)]
pub(crate) struct Driver {
    _background: Background,
    /// Address at which it listens.
    pub(crate) url: String,
}

impl Driver {
    /// Starts the driver on a free port and waits until it listens. Its browsers' profiles go into `dir`.
    pub(crate) fn start(browser: &Browser, dir: &Path) -> Result<Self> {
        let mut command = Command::new(&browser.chromedriver);
        command.arg("--port=0").env("TMPDIR", dir).stdout(Stdio::piped());
        let mut background = Background::start(&mut command)?;
        let mut lines = BufReader::new(background.child.stdout.take().expect("stdout is piped")).lines();
        while let Some(line) = lines.next().transpose().context("cannot read what chromedriver prints")? {
            if let Some(port) = parse_port(&line) {
                let url = format!("http://127.0.0.1:{port}");
                // Read on, or the driver blocks once the pipe is full.
                thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
                return Ok(Self { _background: background, url });
            }
        }
        bail!("chromedriver ended before it listened; start it by hand to see why: {}", browser.chromedriver.display())
    }
}

impl Driver {
    /// Makes `command`, which runs wasm tests, run them here. Each may take `timeout`.
    pub(crate) fn serve(&self, command: &mut Command, webdriver_json: &Path, timeout: Duration) {
        command
            // Unit tests do not say where they run; the default is Node.
            .env("WASM_BINDGEN_USE_BROWSER", "1")
            .env("CHROMEDRIVER_REMOTE", &self.url)
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", webdriver_json)
            .env("WASM_BINDGEN_TEST_TIMEOUT", timeout.as_secs().to_string());
    }
}

/// The port in chromedriver's line `ChromeDriver was started successfully on port PORT.`
fn parse_port(line: &str) -> Option<u16> {
    line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
}

/// The program that `variable` names, or the first of `names` on PATH.
fn find(variable: &str, names: &[&str]) -> Result<Option<PathBuf>> {
    if let Some(path) = env::var_os(variable).map(PathBuf::from) {
        ensure!(path.is_file(), "{variable} names {}, which is no file", path.display());
        return Ok(Some(path));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    // An absolute name stays as it is when joined.
    let mut candidates = names.iter().flat_map(|name| {
        env::split_paths(&path).map(move |dir| dir.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
    });
    Ok(candidates.find(|file| file.is_file()))
}

/// `Chromium 156.0.8078.79 built on …`, `ChromeDriver 156.0.8078.79 (…)` → the number.
fn version(program: &Path) -> Result<String> {
    let text = output(Command::new(program).arg("--version"))
        .with_context(|| format!("{} does not start", program.display()))?;
    let number = text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    Ok(number.with_context(|| format!("{} does not tell its version: {text}", program.display()))?.to_owned())
}

fn install() -> Result<()> {
    let line = format!("apt-get update && apt-get install -y --no-install-recommends {}", PACKAGES.join(" "));
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    if !is_root() || output(apt().arg("--version")).is_none() {
        bail!(
            "the browser tests need Chromium and chromedriver. On Debian and Ubuntu: sudo sh -c '{line}'. \
             Elsewhere install Chrome and its chromedriver, and set TIDEBOARD_CHROMIUM and TIDEBOARD_CHROMEDRIVER if they are not on PATH"
        );
    }
    step("Update apt's lists (about 10 s)", apt().arg("update"))?;
    step(
        "Install Chromium and its driver (about 20 s, 440 MB)",
        apt().args(["install", "-y", "--no-install-recommends"]).args(PACKAGES),
    )
    .with_context(|| format!("install Chromium and chromedriver by hand, then call again; tried: {line}"))
}

#[cfg(unix)]
fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::parse_port;

    #[test]
    fn the_driver_tells_its_port() {
        assert_eq!(parse_port("ChromeDriver was started successfully on port 37153."), Some(37153));
        assert_eq!(parse_port("Only local connections are allowed."), None);
    }
}
