//! Work of a person on a board: goes to a tab, writes the note, edits an order, arranges widgets.

use anyhow::Result;
use serde_json::{Value, json};
use thirtyfour::Key;

use super::{Page, part};

impl Page {
    /// Goes to a tab by its link, such as `orders`.
    pub async fn go_to_tab(&self, tab: &str) -> Result<()> {
        self.click(&format!(".tab[href*='/{tab}']")).await?;
        let open = format!(".board-page[data-tab='{tab}']");
        self.until(&format!("tab {tab}"), async || Ok((self.count(&open).await? == 1).then_some(()))).await
    }

    /// Does something by a few letters of its name, from the palette.
    pub async fn command(&self, letters: &str) -> Result<()> {
        self.press(Key::Control + "k").await?;
        self.has("dialog.palette").await?;
        self.press(letters).await?;
        self.press(Key::Enter + "").await?;
        self.has_no("dialog.palette").await
    }

    /// Waits until there is exactly one such element.
    pub async fn has(&self, css: &str) -> Result<()> {
        self.until(&format!("one {css}"), async || Ok((self.count(css).await? == 1).then_some(()))).await
    }

    /// Waits until there is no such element.
    pub async fn has_no(&self, css: &str) -> Result<()> {
        self.until(&format!("end of {css}"), async || Ok((self.count(css).await? == 0).then_some(()))).await
    }

    /// Waits until an element's text has this in it.
    pub async fn tells(&self, css: &str, text: &str) -> Result<()> {
        self.until(&format!("'{text}' in {css}"), async || Ok(self.text(css).await?.contains(text).then_some(()))).await
    }

    /// Writes the welcome note and leaves it.
    pub async fn write_note(&self, title: &str, text: &str) -> Result<()> {
        self.click(part::NOTE_EDIT).await?;
        self.fill(part::NOTE_TITLE, title).await?;
        self.write_note_text(text).await
    }

    /// Writes the note's text alone, which may be open already.
    pub async fn write_note_text(&self, text: &str) -> Result<()> {
        if self.count(part::NOTE_EDIT).await? == 1 {
            self.click(part::NOTE_EDIT).await?;
        }
        self.click(part::NOTE_TEXT).await?;
        self.press(Key::Control + "a").await?;
        self.press(text).await?;
        self.press(Key::Escape + "").await?;
        self.has(part::NOTE_EDIT).await
    }

    /// Types into a cell of an order and presses Enter.
    pub async fn edit_order(&self, entity: &str, column: &str, text: &str) -> Result<()> {
        self.click(&part::order(entity, column)).await?;
        let field = part::order_field(entity, column);
        self.has(&field).await?;
        self.press(Key::Control + "a").await?;
        self.press(text).await?;
        self.press(Key::Enter + "").await?;
        self.has_no(&field).await
    }

    /// Place of a widget on the grid as this page shows it: column and row from 1, columns and rows that it takes.
    pub async fn cell(&self, widget: &str) -> Result<[u64; 4]> {
        let script = "
            const style = document.querySelector(`[data-cell='${arguments[0]}']`).style;
            return ['--x', '--y', '--w', '--h'].map((name) => Number(style.getPropertyValue(name)));";
        Ok(serde_json::from_value(self.run_with(script, vec![json!(widget)]).await?)?)
    }

    /// Waits until a widget stands elsewhere than at `before`, and tells where.
    pub async fn cell_moves(&self, widget: &str, before: [u64; 4]) -> Result<[u64; 4]> {
        let moved = async || {
            let now = self.cell(widget).await?;
            Ok((now != before).then_some(now))
        };
        self.until(&format!("another place of {widget} than {before:?}"), moved).await
    }

    /// Waits until a widget stands at `place`.
    pub async fn cell_is(&self, widget: &str, place: [u64; 4]) -> Result<()> {
        let what = format!("{widget} at {place:?}");
        self.until(&what, async || Ok((self.cell(widget).await? == place).then_some(()))).await
    }

    /// Widgets on the board, by their ids, in the order of the document.
    pub async fn widgets(&self) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll('[data-cell]')].map((cell) => cell.dataset.cell)";
        Ok(serde_json::from_value(self.run(script).await?)?)
    }

    /// Waits until a script is true of the page.
    pub async fn becomes(&self, what: &str, script: &str) -> Result<()> {
        self.until(what, async || Ok((self.run(script).await? == Value::Bool(true)).then_some(()))).await
    }
}
