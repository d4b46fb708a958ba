//! Recognition of shortcuts in the keys pressed so far.
//!
//! In: keys, and when. Out: the place of a shortcut. Never: the page, a clock.

use crate::components::keys::split;

/// Longest pause between the keys of a sequence.
const TOGETHER_MS: f64 = 1_500.0;

/// Key press, with the modifiers held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stroke {
    /// Name that the browser gives the key, in lower case; the space bar is `space`.
    key: String,
    /// Ctrl, or ⌘ on a Mac.
    is_command: bool,
    is_alt: bool,
    is_shift: bool,
}

impl Stroke {
    /// Creates a stroke from the browser's name of the key, and whether command, Alt and Shift are held.
    pub(super) fn pressed(key: &str, [is_command, is_alt, is_shift]: [bool; 3]) -> Self {
        let key = if key == " " { "space".to_owned() } else { key.to_lowercase() };
        // Characters such as `?` need Shift on some keyboards and not on others, so their Shift does not count.
        let is_shift = is_shift && (is_letter(&key) || key.chars().count() > 1);
        Self { key, is_command, is_alt, is_shift }
    }

    /// Parses a sequence such as `g o`, `mod+k` or `shift+arrowup`.
    pub(super) fn sequence(keys: &str) -> Vec<Self> {
        let stroke = |step: &str| {
            let has = |held: &str| split(step).any(|key| key == held);
            let key = split(step).last().unwrap_or_default();
            Self::pressed(key, [has("mod"), has("alt"), has("shift")])
        };
        keys.split_whitespace().map(stroke).collect()
    }

    /// Tells whether the stroke is a character without modifiers, which speech input or a slip of the hand may press.
    pub(super) fn is_single(&self) -> bool {
        !self.is_command && !self.is_alt && self.key.chars().count() == 1
    }

    /// Tells whether the stroke makes no text in a field.
    pub(super) fn is_command(&self) -> bool {
        self.is_command
    }
}

fn is_letter(key: &str) -> bool {
    let mut letters = key.chars();
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}

/// Result of a key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Completes the shortcut at this place.
    Run(usize),
    /// Begins or continues a shortcut.
    Begun,
    /// Belongs to no shortcut.
    Nothing,
}

/// Keys pressed so far.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    strokes: Vec<Stroke>,
    last_ms: f64,
}

impl Matcher {
    /// Takes a key press at `now_ms`. A shortcut that is the beginning of another hides it.
    pub(super) fn press(&mut self, stroke: Stroke, now_ms: f64, sequences: &[(usize, Vec<Stroke>)]) -> Outcome {
        if now_ms - self.last_ms > TOGETHER_MS {
            self.strokes.clear();
        }
        self.last_ms = now_ms;
        self.strokes.push(stroke.clone());
        let mut outcome = self.outcome(sequences);
        if outcome == Outcome::Nothing && self.strokes.len() > 1 {
            // A sequence that led nowhere does not swallow the key that ends it.
            self.strokes = vec![stroke];
            outcome = self.outcome(sequences);
        }
        if outcome != Outcome::Begun {
            self.strokes.clear();
        }
        outcome
    }

    fn outcome(&self, sequences: &[(usize, Vec<Stroke>)]) -> Outcome {
        match sequences.iter().find(|(_, sequence)| *sequence == self.strokes) {
            Some((place, _)) => Outcome::Run(*place),
            None if sequences.iter().any(|(_, sequence)| sequence.starts_with(&self.strokes)) => Outcome::Begun,
            None => Outcome::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const PLAIN: [bool; 3] = [false, false, false];

    fn sequences(keys: &[&str]) -> Vec<(usize, Vec<Stroke>)> {
        keys.iter().map(|keys| Stroke::sequence(keys)).enumerate().collect()
    }

    fn run(all: &[&str], pressed: &[(&str, f64)]) -> Vec<Outcome> {
        let mut matcher = Matcher::default();
        let sequences = sequences(all);
        pressed.iter().map(|(key, at)| matcher.press(Stroke::pressed(key, PLAIN), *at, &sequences)).collect()
    }

    #[test]
    fn keys_one_after_the_other_are_a_sequence() {
        assert_eq!(run(&["a", "g o"], &[("g", 0.0), ("o", 900.0)]), [Outcome::Begun, Outcome::Run(1)]);
    }

    #[test]
    fn after_a_pause_a_sequence_begins_anew() {
        assert_eq!(run(&["g o", "o"], &[("g", 0.0), ("o", 2_000.0)]), [Outcome::Begun, Outcome::Run(1)]);
    }

    #[test]
    fn the_key_that_ends_a_sequence_in_vain_counts_by_itself() {
        assert_eq!(run(&["g o", "a"], &[("g", 0.0), ("a", 100.0)]), [Outcome::Begun, Outcome::Run(1)]);
        assert_eq!(
            run(&["g o"], &[("g", 0.0), ("g", 100.0), ("o", 200.0), ("o", 300.0)]),
            [Outcome::Begun, Outcome::Begun, Outcome::Run(0), Outcome::Nothing]
        );
    }

    #[test]
    fn held_keys_must_be_those_of_the_shortcut() {
        let sequences = sequences(&["mod+z", "mod+shift+z", "z", "?"]);
        let press = |key: &str, held| Matcher::default().press(Stroke::pressed(key, held), 0.0, &sequences);
        assert_eq!(press("z", [true, false, false]), Outcome::Run(0));
        assert_eq!(press("Z", [true, false, true]), Outcome::Run(1));
        assert_eq!(press("z", PLAIN), Outcome::Run(2));
        assert_eq!(press("Z", [false, false, true]), Outcome::Nothing);
        assert_eq!(press("z", [true, true, false]), Outcome::Nothing);
        assert_eq!(press("?", [false, false, true]), Outcome::Run(3));
    }

    #[test]
    fn only_characters_with_nothing_held_are_single_keys() {
        let single = |keys: &str| Stroke::sequence(keys).iter().any(Stroke::is_single);
        assert_eq!(["a", "g o", "?", "shift+d"].map(single), [true; 4]);
        assert_eq!(["mod+k", "alt+1", "escape", "shift+arrowup", "f2"].map(single), [false; 5]);
    }
}
