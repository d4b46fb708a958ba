use tideboard_shared::{Seq, UnixMs};

use super::{ActivityEntry, ActivityText, FieldChange};

/// Changes of one thing by one person that are closer to each other than this are one line.
const NEAR_MS: u64 = 60_000;

/// Several entries that read as one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    /// The newest of them.
    pub(super) seq: Seq,
    /// The oldest of them: names the line while newer ones are added to it.
    pub(super) first: Seq,
    pub(super) by: String,
    pub(super) at: UnixMs,
    pub(super) count: usize,
    pub(super) text: ActivityText,
}

/// Groups entries, newest first.
pub(super) fn runs<'a>(entries: impl Iterator<Item = &'a ActivityEntry>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    // Of the last run: what it is about, and when its oldest entry was.
    let mut last: Option<(&ActivityEntry, UnixMs)> = None;
    for entry in entries {
        let goes_on = last.is_some_and(|(newest, oldest)| {
            newest.entity == entry.entity && newest.by == entry.by && oldest.0.saturating_sub(entry.at.0) <= NEAR_MS
        });
        match runs.last_mut().filter(|run| goes_on && can_join(&run.text, &entry.text)) {
            Some(run) => {
                join(&mut run.text, &entry.text);
                run.count += 1;
                run.first = entry.seq;
                last = last.map(|(newest, _)| (newest, entry.at));
            }
            None => {
                let ActivityEntry { seq, by, at, text, .. } = entry.clone();
                runs.push(Run { seq, first: seq, by, at, count: 1, text });
                last = Some((entry, at));
            }
        }
    }
    runs
}

/// Tells whether an earlier entry can be told together with a later one. An entity that was removed was another one
/// before.
fn can_join(newer: &ActivityText, older: &ActivityText) -> bool {
    newer.verb != "removed" && newer.verb != "added" && older.verb != "removed"
}

/// Puts an earlier entry under what came after it.
fn join(newer: &mut ActivityText, older: &ActivityText) {
    if older.verb == "added" {
        *newer = ActivityText { verb: "added", kind: older.kind.clone(), changes: Vec::new(), ..std::mem::take(newer) };
        return;
    }
    if newer.verb != older.verb {
        newer.verb = "changed";
    }
    for change in &older.changes {
        match newer.changes.iter_mut().find(|newer| newer.field == change.field) {
            Some(newer) => newer.before.clone_from(&change.before),
            None => newer.changes.push(FieldChange::clone(change)),
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn entry(
        seq: u64,
        by: &str,
        entity: &str,
        at_s: u64,
        (verb, before, after): (&'static str, &str, &str),
    ) -> ActivityEntry {
        let change = FieldChange { field: "total".into(), before: Some(before.into()), after: Some(after.into()) };
        let text = ActivityText { verb, kind: "order".into(), label: entity.into(), changes: vec![change] };
        let by = by.to_owned();
        let kind = "order".to_owned();
        ActivityEntry { seq: Seq(seq), by, at: UnixMs(at_s * 1_000), entity: entity.into(), kind, text }
    }

    #[test]
    fn changes_of_one_thing_by_one_person_within_a_minute_are_one_line_from_first_to_last() {
        let entries = [
            entry(4, "ann", "o1", 130, ("changed", "2", "3")),
            entry(3, "ann", "o1", 80, ("changed", "1", "2")),
            entry(2, "ann", "o1", 10, ("changed", "0", "1")),
        ];
        let runs = runs(entries.iter());
        assert_eq!(
            runs.iter().map(|run| (run.seq.0, run.first.0, run.count)).collect::<Vec<_>>(),
            [(4, 3, 2), (2, 2, 1)]
        );
        let [change] = &runs[0].text.changes[..] else { panic!("one field") };
        assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some("1"), Some("3")));
    }

    #[test]
    fn another_person_another_thing_and_an_end_begin_a_new_line() {
        let entries = [
            entry(5, "ann", "o1", 5, ("removed", "", "")),
            entry(4, "ann", "o1", 4, ("changed", "", "")),
            entry(3, "bo", "o1", 3, ("changed", "", "")),
            entry(2, "bo", "o2", 2, ("changed", "", "")),
            entry(1, "bo", "o2", 1, ("added", "", "")),
        ];
        let lines: Vec<_> = runs(entries.iter()).into_iter().map(|run| (run.seq.0, run.text.verb)).collect();
        assert_eq!(lines, [(5, "removed"), (4, "changed"), (3, "changed"), (2, "added")]);
    }
}
