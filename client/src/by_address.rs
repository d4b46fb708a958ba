use std::{ops::Deref, rc::Rc};

/// A shared value that is equal to itself and to no other; for dependencies of effects.
#[derive(Debug)]
pub struct ByAddress<T>(pub Rc<T>);

impl<T> ByAddress<T> {
    /// Shares a value.
    #[must_use]
    pub fn of(shared: &Rc<T>) -> Self {
        Self(Rc::clone(shared))
    }
}

impl<T> Deref for ByAddress<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> PartialEq for ByAddress<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Clone for ByAddress<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}
