//! Shared values: cells that long-lived callbacks share with the component's latest render, and what effects depend on.

use std::{
    cell::{Cell, RefCell},
    ops::Deref,
    rc::Rc,
};

/// Latest of a value that long-lived callbacks read: shared like a [`Cell`], read by cloning.
pub(super) struct Latest<T>(Cell<Option<T>>);

impl<T: Clone> Latest<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Cell::new(Some(value)))
    }

    pub(super) fn get(&self) -> T {
        let value = self.0.take().expect("the value is put back at once");
        self.0.set(Some(value.clone()));
        value
    }

    pub(super) fn set(&self, value: T) {
        self.0.set(Some(value));
    }
}

/// Value that ends with its component, whoever still holds a handle to it.
///
/// Shared with handles that outlive the component, which closing has to reach: hence the `RefCell`.
#[derive(Debug)]
pub(super) struct Slot<T>(RefCell<Option<Rc<T>>>);

impl<T> Slot<T> {
    pub(super) fn new(held: Option<T>) -> Self {
        Self(RefCell::new(held.map(Rc::new)))
    }

    /// Value that is held; `None` after [`Self::close`].
    pub(super) fn get(&self) -> Option<Rc<T>> {
        self.0.borrow().clone()
    }

    /// Lets go of it.
    pub(super) fn close(&self) {
        let held = self.0.take();
        drop(held);
    }
}

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
