//! Difference between two texts, word by word.
//!
//! `similar` compares. The words are split here: its own split either leaves punctuation in words or brings Unicode's tables.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Most words in both texts together that are compared. Comparing more could take longer than a frame.
const MAX_WORDS: usize = 4_000;

/// Part of a text that was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Same(&'a str),
    Removed(&'a str),
    Added(&'a str),
}

/// Compares two texts, in the order of reading; `None` if they are too long, or have nothing in common.
pub(super) fn by_words<'a>(old: &'a str, new: &'a str) -> Option<Vec<Part<'a>>> {
    let before = words(old);
    let after = words(new);
    if before.len() + after.len() > MAX_WORDS {
        return None;
    }
    let ops = capture_diff_slices(Algorithm::Myers, &before, &after);
    let mut parts = Vec::new();
    let mut has_common = false;
    // Where the change that is being gathered began, in both texts.
    let mut change = (0, 0);
    for op in &ops {
        let removed = span(&before, op.old_range());
        let added = span(&after, op.new_range());
        let same = &old[removed.clone()];
        // A space between two changes is part of them: one long change reads better than many small ones.
        let is_gap = same.trim().is_empty() && change != (removed.start, added.start) && removed.end < old.len();
        if !matches!(op, DiffOp::Equal { .. }) || is_gap {
            continue;
        }
        push_change(&mut parts, &old[change.0..removed.start], &new[change.1..added.start]);
        has_common |= !same.trim().is_empty();
        parts.push(Part::Same(same));
        change = (removed.end, added.end);
    }
    push_change(&mut parts, &old[change.0..], &new[change.1..]);
    has_common.then_some(parts)
}

fn push_change<'a>(parts: &mut Vec<Part<'a>>, removed: &'a str, added: &'a str) {
    let parts_of =
        [(!removed.is_empty()).then_some(Part::Removed(removed)), (!added.is_empty()).then_some(Part::Added(added))];
    parts.extend(parts_of.into_iter().flatten());
}

/// Splits a text into words and what stands between them; joined they are the text.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut kind = None;
    for (at, letter) in text.char_indices() {
        // A line's end stands alone, so that lines match each other.
        let next = if letter == '\n' {
            Kind::Line
        } else if letter.is_alphanumeric() {
            Kind::Word
        } else {
            Kind::Between
        };
        if kind.is_some_and(|kind| kind != next || next == Kind::Line) {
            words.push(&text[start..at]);
            start = at;
        }
        kind = Some(next);
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Between,
    Line,
}

/// Range of bytes in the text that some of its words take.
fn span(words: &[&str], range: Range<usize>) -> Range<usize> {
    let at = |index: usize| words[..index].iter().map(|word| word.len()).sum::<usize>();
    at(range.start)..at(range.end)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn words_that_changed_are_told_from_those_that_stayed() {
        let parts = by_words("the old tide comes in", "the new tide comes").expect("something in common");
        let wanted = [
            Part::Same("the "),
            Part::Removed("old"),
            Part::Added("new"),
            Part::Same(" tide comes"),
            Part::Removed(" in"),
        ];
        assert_eq!(parts, wanted);
    }

    #[test]
    fn changes_with_a_space_between_them_are_one() {
        let parts = by_words("at six in the morning.", "at half past six.").expect("something in common");
        assert_eq!(
            parts,
            [Part::Same("at "), Part::Removed("six in the morning"), Part::Added("half past six"), Part::Same("."),]
        );
        let parts = by_words("a b c d", "a x y d").expect("something in common");
        assert_eq!(parts, [Part::Same("a "), Part::Removed("b c"), Part::Added("x y"), Part::Same(" d")]);
    }

    #[test]
    fn joined_again_the_parts_are_both_texts() {
        let old = "Grüße,\n\nan *alle*!";
        let new = "Viele Grüße,\nan alle…";
        let parts = by_words(old, new).expect("something in common");
        let text = |without: fn(&Part<'_>) -> bool| -> String {
            let of = |part: &Part<'_>| match part {
                Part::Same(text) | Part::Removed(text) | Part::Added(text) => (*text).to_owned(),
            };
            parts.iter().filter(|part| !without(part)).map(of).collect()
        };
        assert_eq!(text(|part| matches!(part, Part::Added(_))), old);
        assert_eq!(text(|part| matches!(part, Part::Removed(_))), new);
    }

    #[test]
    fn texts_with_nothing_in_common_are_not_torn_to_pieces() {
        assert_eq!(by_words("one two", "three four"), None);
        assert_eq!(by_words("", "new"), None);
        assert_eq!(by_words(&"a b ".repeat(2_000), "a"), None, "too long to compare");
    }
}
