use std::cell::Cell;

/// The latest of a value that long-lived callbacks read: shared like a [`Cell`], read by cloning.
pub(crate) struct Latest<T>(Cell<Option<T>>);

impl<T: Clone> Latest<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Cell::new(Some(value)))
    }

    pub(crate) fn get(&self) -> T {
        let value = self.0.take().expect("the value is put back at once");
        self.0.set(Some(value.clone()));
        value
    }

    pub(crate) fn set(&self, value: T) {
        self.0.set(Some(value));
    }
}
