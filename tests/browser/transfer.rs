//! A board to a file, and from a file to a board.

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tempfile::TempDir;
use tideboard_tests::{
    Launch,
    browser::{Page, Stage, app, part},
};

/// Keeps what the page saves.
const SAVED: &str = "
    window.saved = [];
    const { createObjectURL } = URL;
    URL.createObjectURL = (blob) => {
        blob.text().then((text) => saved.push(text));
        return createObjectURL.call(URL, blob);
    };";
const FILE: &str = "dialog[open] input[type='file']";
const PROBLEM: &str = "dialog[open] .form-error";

async fn at_an_empty_board(stage: &Stage) -> Result<Page> {
    let ann = Page::of(stage.browser().await?);
    ann.before_all(SAVED).await?;
    ann.enter(&format!("{}/b/main/overview", stage.url())).await?;
    Ok(ann)
}

/// Chooses something of the menu at the header's end.
async fn choose(page: &Page, words: &str) -> Result<()> {
    page.click(&part::named("More")).await?;
    page.click(&format!("//*[@role='menuitem'][contains(normalize-space(), '{words}')]")).await
}

async fn stage() -> Result<Stage> {
    Stage::launch(Launch::default().boards(["main", "copy"]).flag("--assets", app()?.display())).await
}

#[tokio::test]
async fn a_board_that_was_exported_is_the_same_where_it_is_imported() -> Result<()> {
    let stage = stage().await?;
    let dir = TempDir::with_prefix("tideboard-file-")?;
    let ann = at_an_empty_board(&stage).await?;
    ann.has("[data-cell='welcome']").await?;
    let widgets = ann.widgets().await?;
    choose(&ann, "Export to a file").await?;
    ann.becomes("what was saved", "return saved.length === 1").await?;
    let text = ann.run("return saved[0]").await?;
    let file = dir.path().join("main.json");
    fs::write(&file, text.as_str().context("a text was saved")?)?;
    ann.go(&format!("{}/b/copy/overview", stage.url())).await?;
    ann.tells(".board-page", "This board is empty").await?;
    choose(&ann, "Import a file").await?;
    ann.type_into(FILE, &file.display().to_string()).await?;
    ann.tells("dialog[open]", &format!("{} × widget", widgets.len())).await?;
    ann.click(&part::button("Import")).await?;
    ann.has_no("dialog[open]").await?;
    ann.is_synced().await?;
    assert_eq!(ann.widgets().await?, widgets);
    let main = stage.server.rest().board("main").await?;
    let copy = stage.server.rest().board("copy").await?;
    assert_eq!(main.board.len(), copy.board.len());
    for entity in main.board.entities() {
        assert_eq!(copy.entity(entity.id.as_str()).map(|copy| &copy.fields), Some(&entity.fields), "{}", entity.id);
    }
    ann.close().await
}

#[tokio::test]
async fn a_file_with_a_fault_changes_nothing_and_the_place_of_the_fault_is_named() -> Result<()> {
    let stage = stage().await?;
    let dir = TempDir::with_prefix("tideboard-file-")?;
    let ann = at_an_empty_board(&stage).await?;
    ann.go(&format!("{}/b/copy/overview", stage.url())).await?;
    ann.tells(".board-page", "This board is empty").await?;
    choose(&ann, "Import a file").await?;
    let widget = |kind: &str| json!({ "id": "w", "kind": "widget", "fields": { "type": kind } });
    let file = |entities: Value| json!({ "tideboard": 1, "board": "main", "entities": entities }).to_string();
    let faults = [
        ("no-json.json", "{ \"tideboard\": 1,".to_owned(), "line 1"),
        ("newer.json", json!({ "tideboard": 2, "entities": [] }).to_string(), "tideboard"),
        ("twice.json", file(json!([widget("note"), widget("note")])), "entities[1]"),
        (
            "type.json",
            file(json!([widget("note"), { "id": "x", "kind": "widget", "fields": { "type": "note", "size": 7 } }])),
            "entities[1]",
        ),
        ("field.json", file(json!([{ "id": "x", "kind": "widget", "fields": [] }])), "entities[0].fields"),
    ];
    for (name, text, place) in faults {
        let path = dir.path().join(name);
        fs::write(&path, text)?;
        ann.type_into(FILE, &path.display().to_string()).await?;
        ann.until(&format!("{place} for {name}"), async || {
            let said = ann.text(PROBLEM).await?;
            Ok((said.contains(place) && said.contains("Nothing was changed")).then_some(()))
        })
        .await?;
    }
    assert_eq!(stage.server.rest().board("copy").await?.board.len(), 0);
    ann.close().await
}
