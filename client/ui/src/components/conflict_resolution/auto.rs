//! Settling of conflicts by a rule, without asking the user.

use std::{collections::BTreeSet, rc::Rc};

use tideboard_client::hooks::use_realtime;
use tideboard_engine::{Choice, ConflictView, EditId};
use yew::prelude::*;

use super::fields::{self, Pick};

/// Rule that settles conflicts without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoResolve {
    /// Keeps the user's own edit, which overwrites that of others.
    Mine,
    /// Keeps what others made of the entity, and drops the user's edit.
    Theirs,
    /// Takes the merge that is registered for the entity; the user is asked where there is none.
    Merged,
}

/// Settles each conflict once, when it first appears. A conflict that the rule cannot settle stays for the user.
#[hook]
pub(super) fn use_auto_resolve(
    conflicts: Rc<Vec<ConflictView>>,
    rule: Option<AutoResolve>,
    on_resolved: Callback<(EditId, Choice)>,
) {
    let realtime = use_realtime();
    let tried = use_mut_ref(BTreeSet::new);
    use_effect_with((conflicts, rule), move |(conflicts, rule)| {
        let Some(rule) = rule else { return };
        for view in conflicts.iter() {
            if !tried.borrow_mut().insert(view.id) {
                continue;
            }
            if let Some(choice) = choice(view, *rule)
                && realtime.resolve(view.id, choice.clone()).is_ok()
            {
                on_resolved.emit((view.id, choice));
            }
        }
        tried.borrow_mut().retain(|id| conflicts.iter().any(|view| view.id == *id));
    });
}

fn choice(view: &ConflictView, rule: AutoResolve) -> Option<Choice> {
    match rule {
        AutoResolve::Mine => Some(Choice::Mine),
        AutoResolve::Theirs => Some(Choice::Theirs),
        AutoResolve::Merged => {
            let merged = view.merged.as_deref()?;
            let rows = fields::rows(view);
            // A merged value may be that of one of the two sides.
            let picks = rows.iter().map(|row| {
                let value = merged.fields.get(&row.name).cloned().unwrap_or_default();
                let pick = if value == row.mine {
                    Pick::Mine
                } else if value == row.theirs {
                    Pick::Theirs
                } else {
                    Pick::Merged
                };
                (row.name.clone(), pick)
            });
            Some(fields::choice(&rows, &picks.collect()))
        }
    }
}
