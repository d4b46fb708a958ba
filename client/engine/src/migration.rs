//! Edits that an older version of the application left in the outbox.
//!
//! In: a stored edit and the schema version it was written with. Out: the same edit as the running version writes it,
//! or the edit set aside with the reason. Never: an edit that is dropped because nobody could read it.

use crate::StoredEdit;

/// Step of a migration: turns an edit of one schema version into one of the next, or says why that cannot be.
pub type Migration = fn(StoredEdit) -> Result<StoredEdit, String>;

/// The way from schema version 1 to the application's own, a step a version.
///
/// There is no version number to forget: it is the number of steps and one. An application that names its version
/// elsewhere keeps the two in step at compile time:
///
/// ```
/// use tideboard_engine::{Migrations, StoredEdit};
///
/// const SCHEMA: u32 = 2;
/// static STEPS: [tideboard_engine::Migration; 1] = [rename_title];
/// const MIGRATIONS: Migrations = Migrations::new(&STEPS);
/// const _: () = assert!(MIGRATIONS.schema() == SCHEMA, "a new schema version needs a migration");
///
/// fn rename_title(edit: StoredEdit) -> Result<StoredEdit, String> {
///     Ok(edit)
/// }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Migrations(&'static [Migration]);

/// Equal when the same steps stand at the same places.
impl PartialEq for Migrations {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

/// An edit that no step could read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) edit: StoredEdit,
    pub(crate) problem: String,
}

impl Migrations {
    /// The first step reads version 1.
    #[must_use]
    pub const fn new(steps: &'static [Migration]) -> Self {
        Self(steps)
    }

    /// The version that the running application writes.
    #[must_use]
    pub const fn schema(&self) -> u32 {
        self.0.len() as u32 + 1
    }

    /// Takes an edit through all steps that it has not seen.
    pub(crate) fn migrate(&self, edit: StoredEdit) -> Result<StoredEdit, Box<Unreadable>> {
        if edit.schema == 0 || edit.schema > self.schema() {
            let problem =
                format!("it was written by version {} of the application, this is {}", edit.schema, self.schema());
            return Err(Unreadable { edit, problem }.into());
        }
        let first = edit.schema as usize - 1;
        let mut migrated = edit.clone();
        for (step, schema) in self.0[first..].iter().zip(edit.schema + 1..) {
            match step(migrated) {
                Ok(next) => migrated = StoredEdit { schema, ..next },
                Err(problem) => return Err(Unreadable { edit, problem }.into()),
            }
        }
        Ok(migrated)
    }
}

#[cfg(test)]
mod tests {
    use tideboard_shared::{Action, UnixMs};

    use super::*;
    use crate::testing::{main, op};

    fn edit(schema: u32) -> StoredEdit {
        let op = op("me/1", "a", Action::Remove);
        StoredEdit {
            board: main(),
            op,
            strategy: Default::default(),
            created: UnixMs(1),
            schema,
            aside: None,
            first: None,
            author: None,
            seen: None,
        }
    }

    fn rename(mut edit: StoredEdit) -> Result<StoredEdit, String> {
        edit.op.entity = format!("{}+", edit.op.entity).into();
        Ok(edit)
    }

    fn refuse(_: StoredEdit) -> Result<StoredEdit, String> {
        Err("no such widget any more".into())
    }

    #[test]
    fn an_edit_takes_just_the_steps_it_has_not_seen() {
        static STEPS: [Migration; 2] = [rename, rename];
        let migrations = Migrations::new(&STEPS);
        for (schema, entity) in [(1, "a++"), (2, "a+"), (3, "a")] {
            let migrated = migrations.migrate(edit(schema)).unwrap();
            assert_eq!((migrated.op.entity.as_str(), migrated.schema), (entity, 3));
        }
    }

    #[test]
    fn what_cannot_be_read_comes_back_whole_with_the_reason() {
        static STEPS: [Migration; 2] = [rename, refuse];
        let unreadable = Migrations::new(&STEPS).migrate(edit(1)).unwrap_err();
        assert_eq!((unreadable.edit, unreadable.problem.as_str()), (edit(1), "no such widget any more"));
        let newer = Migrations::default().migrate(edit(7)).unwrap_err();
        assert!(newer.problem.contains("version 7"), "{}", newer.problem);
    }
}
