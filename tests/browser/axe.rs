//! What axe-core finds on the app's pages: nothing, in any theme, at any width.

use anyhow::Result;
use tideboard_tests::browser::{self, Axe, Look, Page, Stage, Theme, part};

/// The dashboard's pages.
const PAGES: [&str; 1] = ["/"];
/// A desk and a phone.
const WIDTHS: [u32; 2] = [1440, 400];
/// The gallery's pages.
const GALLERY: &str = "return [...document.querySelectorAll('.gallery nav a')].map(link => link.pathname)";

/// Looks at a page in every theme and width; adds what is found to `found`.
async fn look(page: &Page, axe: &Axe, what: &str, found: &mut Vec<String>) -> Result<()> {
    for theme in Theme::ALL {
        for width in WIDTHS {
            page.look(Look { theme, width, height: 900 }).await?;
            let violations = page.axe(axe).await?;
            let name = theme.name();
            found.extend(violations.iter().map(|violation| format!("{what}, {name}, {width} px\n{violation}")));
        }
    }
    Ok(())
}

/// Fails with all that was found.
fn nothing_in(found: &[String]) {
    assert!(found.is_empty(), "axe-core finds {}:\n{}", found.len(), found.join("\n"));
}

#[tokio::test]
async fn axe_finds_nothing_on_any_page() -> Result<()> {
    let Some(axe) = Axe::find()? else { return Ok(()) };
    let stage = Stage::set().await?;
    let mut found = Vec::new();
    for address in PAGES {
        let page = stage.visitor_at(address).await?;
        page.is_calm().await?;
        look(&page, &axe, address, &mut found).await?;
        page.close().await?;
    }
    nothing_in(&found);
    Ok(())
}

#[tokio::test]
async fn axe_finds_nothing_with_the_details_of_the_connection_open() -> Result<()> {
    let Some(axe) = Axe::find()? else { return Ok(()) };
    let stage = Stage::set().await?;
    let page = stage.visitor().await?;
    page.is_calm().await?;
    page.click(part::SYNC).await?;
    let mut found = Vec::new();
    look(&page, &axe, "details of the connection", &mut found).await?;
    nothing_in(&found);
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
    let mut found = Vec::new();
    look(&page, &axe, "without a server", &mut found).await?;
    nothing_in(&found);
    page.close().await
}

#[tokio::test]
async fn axe_finds_nothing_in_the_gallery() -> Result<()> {
    let Some(axe) = Axe::find()? else { return Ok(()) };
    let stage = Stage::set_with(&browser::gallery()?).await?;
    let page = stage.visitor_at("/gallery").await?;
    page.until("list of pages", async || Ok((page.run(GALLERY).await? != serde_json::json!([])).then_some(()))).await?;
    let addresses: Vec<String> = serde_json::from_value(page.run(GALLERY).await?)?;
    let mut found = Vec::new();
    look(&page, &axe, "/gallery", &mut found).await?;
    for address in addresses {
        page.go(&format!("{}{address}", stage.url())).await?;
        page.is_synced().await?;
        look(&page, &axe, &address, &mut found).await?;
    }
    nothing_in(&found);
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
