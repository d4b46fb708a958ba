use tideboard_shared::UnixMs;

use super::Picture;
use crate::plot::{Pick, end, pick, step};

/// A step of the crosshair by keyboard is at least this wide, CSS pixels: where points are denser, one would not see it move.
const STEP: f64 = 6.0;
/// A long step is so many steps.
const LONG: f64 = 10.0;

/// Place of the crosshair.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) enum Cursor {
    /// Nowhere.
    #[default]
    None,
    /// Under the pointer, CSS pixels from the canvas's left: stays there while the lines move on.
    Pixel(f64),
    /// At a time, by keyboard: moves on with the lines.
    Time(UnixMs),
}

impl Cursor {
    /// Point under the crosshair.
    pub(super) fn pick(self, picture: &Picture) -> Option<Pick> {
        let at = match self {
            Self::None => return None,
            Self::Pixel(pixel) => picture.time_at(pixel)?,
            Self::Time(at) => at.max(picture.from),
        };
        pick(&picture.lines, at)
    }

    /// Place to which a key takes it; `None` if the key is not the crosshair's.
    pub(super) fn after(self, key: &str, is_long: bool, picture: &Picture) -> Option<Self> {
        let lines = &picture.lines;
        let now = self.pick(picture).map(|pick| pick.at);
        let step_ms = picture.column_ms * STEP * if is_long { LONG } else { 1.0 };
        let by = |step_ms: f64| match now {
            Some(at) => step(lines, at, step_ms as i64),
            None => end(lines, true),
        };
        let at = match key {
            "ArrowRight" => by(step_ms),
            "ArrowLeft" => by(-step_ms),
            "PageUp" => by(step_ms * LONG),
            "PageDown" => by(-step_ms * LONG),
            "Home" => end(lines, false),
            "End" => end(lines, true),
            "Escape" if now.is_some() => None,
            _ => return None,
        };
        Some(at.map_or(Self::None, Self::Time))
    }
}
