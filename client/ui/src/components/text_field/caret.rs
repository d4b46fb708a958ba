//! Place of the caret after someone else has changed the text around it.
//!
//! In: both texts and a caret. Out: a caret. Positions count UTF-16 units, as the DOM does. Never: a web type.

/// Moves a caret along with the text: before the change it stays, behind the change it shifts with the text's end.
#[must_use]
pub(super) fn caret_after(old: &str, new: &str, caret: u32) -> u32 {
    let old: Vec<u16> = old.encode_utf16().collect();
    let new: Vec<u16> = new.encode_utf16().collect();
    let caret = (caret as usize).min(old.len());
    let same_start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - same_start;
    let same_end = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let moved = if caret <= same_start {
        caret
    } else if caret >= old.len() - same_end {
        new.len() - (old.len() - caret)
    } else {
        // The text around the caret is gone, so the caret goes to the end of the new text.
        new.len() - same_end
    };
    u32::try_from(moved).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn an_insertion_before_the_caret_shifts_it() {
        assert_eq!(caret_after("one two", "zero one two", 4), 9);
    }

    #[test]
    fn a_change_behind_the_caret_leaves_it() {
        assert_eq!(caret_after("one two", "one two three", 3), 3);
        assert_eq!(caret_after("one two", "one", 2), 2);
    }

    #[test]
    fn a_caret_in_replaced_text_goes_to_the_end_of_the_replacement() {
        assert_eq!(caret_after("a [old] z", "a [newer] z", 5), 8);
        assert_eq!(caret_after("gone", "", 3), 0);
    }

    #[test]
    fn positions_count_as_the_dom_counts() {
        // The wave is two UTF-16 units.
        assert_eq!(caret_after("ab", "🌊ab", 1), 3);
        assert_eq!(caret_after("short", "short", 99), 5);
    }
}
