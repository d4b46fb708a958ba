//! Actions of a person with a mouse, a finger, and keys.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use thirtyfour::{Key, TypingData};

use super::Page;

/// Presses of Tab after which something counts as out of reach.
const FAR: usize = 200;
/// Events between the beginning and the end of a drag.
const STEPS: i64 = 8;

/// Script that brings an element into the window and gives the place of its middle.
const MIDDLE: &str = "
    const element = document.querySelector(arguments[0]);
    element.scrollIntoView({ block: 'center', behavior: 'instant' });
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return [Math.round((left + right) / 2), Math.round((top + bottom) / 2)];";
/// Script that names the focused element, in a few words.
const FOCUSED: &str = "
    const { tagName, ariaLabel, textContent } = document.activeElement;
    return `${tagName} ${ariaLabel ?? textContent.slice(0, 40)}`;";

impl Page {
    /// Presses keys where the focus is.
    pub async fn press(&self, keys: impl Into<TypingData>) -> Result<()> {
        Ok(self.driver.active_element().await?.send_keys(keys).await?)
    }

    /// Presses Tab until an element has the focus, as somebody without a mouse does.
    pub async fn tab_to(&self, css: &str) -> Result<()> {
        for _ in 0..FAR {
            if self.has_focus(css).await? {
                return Ok(());
            }
            self.press(Key::Tab + "").await?;
        }
        bail!("{css} is not reached by {FAR} presses of Tab; {} has the focus", self.run(FOCUSED).await?)
    }

    /// Tells whether an element, or something in it, has the focus.
    pub async fn has_focus(&self, css: &str) -> Result<bool> {
        let script = "return document.activeElement.closest(arguments[0]) !== null";
        Ok(self.run_with(script, vec![json!(css)]).await? == Value::Bool(true))
    }

    /// Drags an element by mouse, so many CSS pixels to the right and down.
    pub async fn drag(&self, css: &str, right: i64, down: i64) -> Result<()> {
        let (x, y) = self.middle(css).await?;
        let mut actions = self.driver.action_chain().move_to(x, y).click_and_hold();
        for step in 1..=STEPS {
            actions = actions.move_to(x + right * step / STEPS, y + down * step / STEPS);
        }
        actions.release().perform().await.with_context(|| format!("cannot drag {css}"))
    }

    /// Drags, but presses Escape before the button is let go.
    pub async fn drag_and_escape(&self, css: &str, right: i64, down: i64) -> Result<()> {
        let (x, y) = self.middle(css).await?;
        let actions = self.driver.action_chain().move_to(x, y).click_and_hold().move_to(x + right, y + down);
        actions.perform().await.with_context(|| format!("cannot drag {css}"))?;
        self.press(Key::Escape + "").await?;
        Ok(self.driver.action_chain().release().perform().await?)
    }

    /// Drags with a finger.
    pub async fn drag_by_touch(&self, css: &str, right: i64, down: i64) -> Result<()> {
        let (x, y) = self.middle(css).await?;
        self.touch("touchStart", Some((x, y))).await?;
        for step in 1..=STEPS {
            self.touch("touchMove", Some((x + right * step / STEPS, y + down * step / STEPS))).await?;
        }
        self.touch("touchEnd", None).await
    }

    async fn touch(&self, kind: &str, at: Option<(i64, i64)>) -> Result<()> {
        let points: Vec<_> = at.into_iter().map(|(x, y)| json!({ "x": x, "y": y })).collect();
        self.cdp("Input.dispatchTouchEvent", json!({ "type": kind, "touchPoints": points })).await?;
        Ok(())
    }

    async fn middle(&self, css: &str) -> Result<(i64, i64)> {
        let middle = self.run_with(MIDDLE, vec![json!(css)]).await.with_context(|| format!("no {css} on the page"))?;
        Ok(serde_json::from_value(middle)?)
    }
}
