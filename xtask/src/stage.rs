//! Needs of every program that uses the built app in a browser: app tests, pictures, the measurement of the start.

use std::process::Command;

use anyhow::Result;

use crate::{
    browser::Browser,
    project::Metadata,
    server::{self, Profile},
    spa,
};

/// Builds the app, the server and the native tests' programs, and tells `command` where they and the browser are.
///
/// The server is the tests' own, or that of `profile`.
pub(crate) fn set(metadata: &Metadata, profile: Profile, command: &mut Command) -> Result<Browser> {
    let browser = Browser::provide()?;
    let dist = spa::build(metadata)?;
    let mut server = server::build(metadata, Profile::Test)?;
    if profile != Profile::Test {
        server = server::build(metadata, profile)?;
    }
    command
        .env("TIDEBOARD_TEST_DIST", dist)
        .env("TIDEBOARD_SERVER_BIN", server)
        .env("TIDEBOARD_CHROMIUM", &browser.chromium)
        .env("TIDEBOARD_CHROMEDRIVER", &browser.chromedriver);
    Ok(browser)
}
