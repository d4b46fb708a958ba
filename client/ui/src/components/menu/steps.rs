//! Steps through a list by keyboard.
//!
//! In: keys, and the entries' words. Out: places in the list. Never: the page.

/// Place that an arrow key, Home or End leads to from `at` in a list of `count`, round its ends. `None` for another key
/// or an empty list.
pub(crate) fn step(key: &str, at: Option<usize>, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match (key, at) {
        ("ArrowDown", Some(at)) if at < last => Some(at + 1),
        ("ArrowDown" | "Home", _) => Some(0),
        ("ArrowUp", Some(at)) if at > 0 => Some(at - 1),
        ("ArrowUp" | "End", _) => Some(last),
        _ => None,
    }
}

/// Finds the entry that begins with the letters typed. A single letter, also when repeated, moves on from `at`; several
/// letters stay at `at` while it matches.
pub(crate) fn find_typed<'a>(words: impl Iterator<Item = &'a str>, typed: &str, at: Option<usize>) -> Option<usize> {
    let typed = typed.to_lowercase();
    let first = typed.chars().next()?;
    let is_one = typed.chars().all(|letter| letter == first);
    let wanted = if is_one { first.to_string() } else { typed };
    let fits: Vec<_> = words.map(|words| words.to_lowercase().starts_with(&wanted)).collect();
    let start = at.map_or(0, |at| at + usize::from(is_one));
    (start..fits.len()).chain(0..start.min(fits.len())).find(|place| fits[*place])
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn arrows_go_round_the_ends() {
        assert_eq!(step("ArrowDown", None, 3), Some(0));
        assert_eq!(step("ArrowDown", Some(0), 3), Some(1));
        assert_eq!(step("ArrowDown", Some(2), 3), Some(0));
        assert_eq!(step("ArrowUp", Some(0), 3), Some(2));
        assert_eq!(step("ArrowUp", None, 3), Some(2));
        assert_eq!(step("ArrowUp", Some(2), 3), Some(1));
    }

    #[test]
    fn home_and_end_go_to_the_ends_and_other_keys_nowhere() {
        assert_eq!((step("Home", Some(1), 3), step("End", Some(1), 3)), (Some(0), Some(2)));
        assert_eq!((step("a", Some(1), 3), step("End", None, 0)), (None, None));
    }

    #[test]
    fn one_letter_goes_on_to_the_next_that_begins_so() {
        let words = ["Rename", "Duplicate", "Remove"];
        let find = |typed, at| find_typed(words.into_iter(), typed, at);
        assert_eq!(find("r", None), Some(0));
        assert_eq!(find("r", Some(0)), Some(2));
        assert_eq!(find("rr", Some(2)), Some(0));
        assert_eq!(find("x", Some(1)), None);
    }

    #[test]
    fn several_letters_stay_where_they_fit() {
        let find = |typed, at| find_typed(["Rename", "Duplicate", "Remove"].into_iter(), typed, at);
        assert_eq!(find("re", Some(0)), Some(0));
        assert_eq!(find("REM", Some(0)), Some(2));
    }
}
