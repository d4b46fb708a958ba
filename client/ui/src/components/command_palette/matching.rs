//! Search in the command palette: the commands that a few letters stand for, and how well they fit.
//!
//! In: the query, the commands' words. Out: places in the list, best first, with the letters that matched. Never: the
//! page.
//!
//! Written here because of its size: `nucleo-matcher` 0.3, with the Unicode tables without which it does not build, takes three
//! times the room of this file's code and what it needs of `std`: 104 kB of wasm, not 32.

use crate::components::Command;

/// Most commands shown.
const SHOWN: usize = 50;

/// Score of a matching letter.
const FITS: i32 = 10;
/// Bonus for a matching letter at the start of a word.
const WORD_START: i32 = 12;
/// Bonus for a matching letter right after another.
const FOLLOWS: i32 = 9;
/// Penalty for every letter passed over between two matching ones, up to [`FAR`].
const PASSED: i32 = 1;
/// Number of letters passed over beyond which more of them cost nothing.
const FAR: usize = 8;
/// Score of a command of which only group or keywords match, not the title.
const BY_KEYWORD: i32 = -1_000;
/// Penalty for a disabled command.
const DISABLED: i32 = -10_000;

/// Command that matches the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// Index of the command in the list.
    pub(super) place: usize,
    /// Indices of the title's matching letters, ascending.
    pub(super) marks: Vec<usize>,
    /// Set while nothing is typed, for a recently used command.
    pub(super) is_recent: bool,
}

/// Finds the matching commands, best first. For an empty query: recently used ones, then the others in their order.
pub(super) fn rank(query: &str, commands: &[Command], recent: &[yew::AttrValue]) -> Vec<Hit> {
    let used = |command: &Command| recent.iter().position(|id| *id == command.id);
    let letters: Vec<char> = folded(query).filter(|letter| !letter.is_whitespace()).collect();
    let hit = |(place, command): (usize, &Command)| {
        let (mut score, marks) = if letters.is_empty() { (0, Vec::new()) } else { fit(&letters, command)? };
        let used = used(command);
        match used {
            // The bonus puts recent commands first while nothing is typed, and else before others that fit as well.
            Some(at) => score += 5_i32.saturating_sub_unsigned(u32::try_from(at).unwrap_or(u32::MAX)).max(1),
            None if !command.is_enabled => score += DISABLED,
            None => {}
        }
        let is_recent = used.is_some() && letters.is_empty();
        Some((score, Hit { place, marks, is_recent }))
    };
    let mut hits: Vec<_> = commands.iter().enumerate().filter_map(hit).collect();
    // The sort is stable: commands that fit equally well stay in their order.
    hits.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    hits.truncate(SHOWN);
    hits.into_iter().map(|(_, hit)| hit).collect()
}

fn fit(letters: &[char], command: &Command) -> Option<(i32, Vec<usize>)> {
    subsequence(letters, &command.title).or_else(|| {
        // Whole beginnings only: scattered letters would be found in almost any list of words.
        let mut words = command.group.split_whitespace().chain(command.keywords.split_whitespace());
        words.any(|word| begins_with(word, letters)).then_some((BY_KEYWORD, Vec::new()))
    })
}

fn begins_with(word: &str, letters: &[char]) -> bool {
    let mut word = folded(word);
    letters.iter().all(|letter| word.next() == Some(*letter))
}

/// Finds the best match of the letters in the text, in their order with anything between. Returns its score, and the
/// places of the letters.
fn subsequence(letters: &[char], text: &str) -> Option<(i32, Vec<usize>)> {
    let original: Vec<char> = text.chars().collect();
    let text: Vec<char> = original.iter().map(|letter| fold(*letter)).collect();
    // For each letter and place: the best score with it there, and where the letter before it is.
    let mut table: Vec<Vec<Option<(i32, usize)>>> = Vec::with_capacity(letters.len());
    for (nth, letter) in letters.iter().enumerate() {
        let before = nth.checked_sub(1).map(|before| &table[before]);
        let at = |place: usize| {
            if text[place] != *letter {
                return None;
            }
            let own = FITS + if is_word_start(&original, place) { WORD_START } else { 0 };
            let Some(before) = before else { return Some((own - passed(place), 0)) };
            let ways = (0..place).filter_map(|from| {
                let (score, _) = before[from]?;
                let follows = if from + 1 == place { FOLLOWS } else { -passed(place - from - 1) };
                Some((score + own + follows, from))
            });
            ways.max_by_key(|(score, _)| *score)
        };
        table.push((0..text.len()).map(at).collect());
    }
    let ends = table.last()?.iter().enumerate().filter_map(|(place, cell)| Some((cell.as_ref()?.0, place)));
    let (score, mut place) = ends.max_by_key(|(score, place)| (*score, std::cmp::Reverse(*place)))?;
    let mut marks = Vec::with_capacity(letters.len());
    for row in table.iter().rev() {
        marks.push(place);
        place = row[place]?.1;
    }
    marks.reverse();
    // Of two texts that fit alike, the shorter is meant.
    Some((score - passed(text.len().saturating_sub(letters.len())), marks))
}

fn passed(count: usize) -> i32 {
    PASSED * i32::try_from(count.min(FAR)).unwrap_or(PASSED)
}

fn is_word_start(text: &[char], place: usize) -> bool {
    let Some(before) = place.checked_sub(1).map(|before| text[before]) else { return true };
    !before.is_alphanumeric() || before.is_lowercase() && text[place].is_uppercase()
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(fold)
}

/// Folds a letter to one lower-case letter, so that places stay the same.
fn fold(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;
    use yew::AttrValue;

    use super::*;

    fn commands() -> Vec<Command> {
        [
            ("go-orders", "Go to Orders", "Go", "table sales"),
            ("go-overview", "Go to Overview", "Go", "home"),
            ("add-gauge", "Add a gauge", "Add", "widget dial"),
            ("add-note", "Add a note", "Add", "widget text markdown"),
            ("theme-dark", "Dark theme", "Theme", "night colours"),
        ]
        .map(|(id, title, group, keywords)| Command::new(id, title, group).keywords(keywords))
        .to_vec()
    }

    fn found(query: &str, recent: &[&'static str]) -> Vec<AttrValue> {
        let commands = commands();
        let recent = recent.iter().map(|id| AttrValue::from(*id)).collect::<Vec<_>>();
        rank(query, &commands, &recent).iter().map(|hit| commands[hit.place].id.clone()).collect()
    }

    #[test]
    fn letters_fit_in_their_order_with_others_between() {
        assert_eq!(found("gtor", &[]), ["go-orders", "go-overview"]);
        assert_eq!(found("rotg", &[]), Vec::<AttrValue>::new());
    }

    #[test]
    fn starts_of_words_are_meant_before_letters_inside() {
        assert_eq!(found("ag", &[])[0], "add-gauge");
        assert_eq!(found("dt", &[])[0], "theme-dark");
        assert_eq!(found("GO OV", &[])[0], "go-overview");
    }

    #[test]
    fn letters_in_a_row_are_meant_before_scattered_ones() {
        let commands = [Command::new("a", "Pin the row", "x"), Command::new("b", "Print", "x")];
        let hits = rank("print", &commands, &[]);
        assert_eq!((hits[0].place, &hits[0].marks[..]), (1, &[0, 1, 2, 3, 4][..]));
    }

    #[test]
    fn the_letters_that_were_meant_are_marked() {
        let hits = rank("gor", &commands(), &[]);
        assert_eq!((hits[0].place, &hits[0].marks[..]), (0, &[0, 6, 7][..]));
    }

    #[test]
    fn other_words_of_a_command_count_less_than_titles() {
        assert_eq!(found("widget", &[]), ["add-gauge", "add-note"]);
        assert_eq!(found("home", &[]), ["go-overview"]);
        assert_eq!(found("te", &[])[0], "theme-dark");
    }

    #[test]
    fn with_nothing_typed_those_used_of_late_come_first_and_the_rest_stays_in_order() {
        assert_eq!(
            found(" ", &["theme-dark", "add-note"]),
            ["theme-dark", "add-note", "go-orders", "go-overview", "add-gauge"]
        );
        let recent: Vec<_> = rank("", &commands(), &["add-note".into()]).iter().map(|hit| hit.is_recent).collect();
        assert_eq!(recent, [true, false, false, false, false]);
    }

    #[test]
    fn what_cannot_be_used_now_comes_last() {
        let mut commands = commands();
        commands[2].is_enabled = false;
        let places: Vec<_> = rank("add", &commands, &[]).iter().map(|hit| hit.place).collect();
        assert_eq!(places, [3, 2]);
    }

    #[test]
    fn no_more_than_fifty_are_shown() {
        let many: Vec<_> = (0..200).map(|n| Command::new(format!("{n}"), format!("Command {n}"), "x")).collect();
        assert_eq!((rank("", &many, &[]).len(), rank("com", &many, &[]).len()), (50, 50));
    }
}
