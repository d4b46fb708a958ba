//! Findings of axe-core on the app's pages: none, in any theme, at any width.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use thirtyfour::Key;
use tideboard_tests::browser::{self, Axe, Look, Page, Stage, Theme, Violation, part};

/// The app's pages.
const PAGES: [&str; 9] = [
    "/b/main/overview",
    "/b/main/orders",
    "/b/main/favourites",
    "/b/main/downloads",
    "/b/main/activity",
    "/b/main/system",
    "/b/main/overview?kiosk",
    "/b/main/overview?at=14",
    "/b/nowhere/overview",
];
/// Dialogs: the command that opens each, and its selector.
const DIALOGS: [(&str, &str); 5] = [
    ("shortcuts", "dialog.shortcuts"),
    ("add a widget", "dialog.picker"),
    ("import", "dialog[open]"),
    ("new board", "dialog[open]"),
    ("tour", "dialog.tour"),
];
/// A desk and a phone.
const WIDTHS: [u32; 2] = [1440, 400];
/// The gallery's pages.
const GALLERY: &str = "return [...document.querySelectorAll('.gallery nav a')].map(link => link.pathname)";

/// Violations, each once, with the looks in which it is there.
#[derive(Debug, Default)]
struct Findings(BTreeMap<(String, String), (Violation, Vec<String>)>);

impl Findings {
    /// Looks at a page in every theme and width.
    async fn look(&mut self, page: &Page, axe: &Axe, what: &str) -> Result<()> {
        for theme in Theme::ALL {
            for width in WIDTHS {
                page.look(Look { theme, width, height: 900 }).await?;
                for violation in page.axe(axe).await? {
                    let key = (what.to_owned(), violation.key());
                    let (_, looks) = self.0.entry(key).or_insert_with(|| (violation, Vec::new()));
                    looks.push(format!("{} {width}", theme.name()));
                }
            }
        }
        Ok(())
    }

    /// Fails with all that was found.
    fn are_none(&self) -> Result<()> {
        let line = |((what, _), (violation, looks)): (&(String, String), &(Violation, Vec<String>))| {
            format!("{what} in {}\n{violation}", looks.join(", "))
        };
        let lines: Vec<_> = self.0.iter().map(line).collect();
        ensure!(lines.is_empty(), "axe-core finds {}:\n{}", lines.len(), lines.join("\n"));
        Ok(())
    }
}

#[tokio::test]
async fn axe_finds_nothing_on_any_page() -> Result<()> {
    let Some(axe) = Axe::find()? else { return Ok(()) };
    let stage = Stage::set().await?;
    let mut found = Findings::default();
    for address in PAGES {
        let page = stage.visitor().await?;
        // The server has nothing to tell of edits before the first.
        page.click(part::COUNTER_ADD).await?;
        page.is_synced().await?;
        page.go(&format!("{}{address}", stage.url())).await?;
        page.has("main").await?;
        page.is_calm().await?;
        found.look(&page, &axe, address).await?;
        page.close().await?;
    }
    found.are_none()
}

#[tokio::test]
async fn axe_finds_nothing_in_any_dialog() -> Result<()> {
    let Some(axe) = Axe::find()? else { return Ok(()) };
    let stage = Stage::set().await?;
    let page = stage.visitor().await?;
    page.is_calm().await?;
    let mut found = Findings::default();
    page.press(Key::Control + "k").await?;
    page.has("dialog.palette").await?;
    found.look(&page, &axe, "palette").await?;
    page.press(Key::Escape + "").await?;
    page.has_no("dialog.palette").await?;
    for (letters, dialog) in DIALOGS {
        page.command(letters).await?;
        page.has(dialog).await?;
        found.look(&page, &axe, letters).await?;
        page.press(Key::Escape + "").await?;
        page.has_no(dialog).await?;
    }
    page.click(&part::named("Options of CPU")).await?;
    page.has("[role='menu']").await?;
    found.look(&page, &axe, "menu of a widget").await?;
    page.click("//*[@role='menuitem'][contains(normalize-space(), 'Configure')]").await?;
    page.has("dialog.widget-form").await?;
    found.look(&page, &axe, "form of a widget").await?;
    page.press(Key::Escape + "").await?;
    page.command("arrange").await?;
    page.has("[data-cell='stat-cpu'] .cell-handle").await?;
    found.look(&page, &axe, "arranging").await?;
    found.are_none()?;
    page.close().await
}

#[tokio::test]
async fn axe_finds_nothing_with_the_details_of_the_connection_open() -> Result<()> {
    let Some(axe) = Axe::find()? else { return Ok(()) };
    let stage = Stage::set().await?;
    let page = stage.visitor().await?;
    page.is_calm().await?;
    page.click(part::SYNC).await?;
    let mut found = Findings::default();
    found.look(&page, &axe, "details of the connection").await?;
    found.are_none()?;
    page.close().await
}

#[tokio::test]
async fn axe_finds_nothing_without_a_server() -> Result<()> {
    let Some(axe) = Axe::find()? else { return Ok(()) };
    let mut stage = Stage::set().await?;
    let page = stage.visitor().await?;
    page.is_calm().await?;
    stage.server.kill().await?;
    page.until("sign that the server is gone", async || {
        Ok((page.count(".sync-dot[data-level='good']").await? == 0).then_some(()))
    })
    .await?;
    let mut found = Findings::default();
    found.look(&page, &axe, "without a server").await?;
    found.are_none()?;
    page.close().await
}

#[tokio::test]
async fn axe_finds_nothing_in_the_gallery() -> Result<()> {
    let Some(axe) = Axe::find()? else { return Ok(()) };
    // There are many of a kind on a page of it, and on one a page in a page.
    let axe = axe.without("landmark-unique").without("landmark-no-duplicate-main");
    let stage = Stage::set_with(&browser::gallery()?).await?;
    let page = stage.visitor_at("/gallery").await?;
    page.until("list of pages", async || Ok((page.run(GALLERY).await? != serde_json::json!([])).then_some(()))).await?;
    let addresses: Vec<String> = serde_json::from_value(page.run(GALLERY).await?)?;
    let mut found = Findings::default();
    found.look(&page, &axe, "/gallery").await?;
    for address in addresses {
        page.go(&format!("{}{address}", stage.url())).await?;
        page.is_synced().await?;
        found.look(&page, &axe, &address).await?;
    }
    found.are_none()?;
    page.close().await
}

#[tokio::test]
async fn axe_is_strict_enough_to_find_a_button_without_a_name() -> Result<()> {
    let Some(axe) = Axe::find()? else { return Ok(()) };
    let stage = Stage::set().await?;
    let page = stage.visitor().await?;
    page.run("document.querySelector('button.sync-button').replaceChildren()").await?;
    let found = page.axe(&axe).await?;
    assert!(found.iter().any(|violation| violation.rule == "button-name"), "{found:?}");
    page.close().await
}
