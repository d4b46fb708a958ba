use std::{cell::RefCell, rc::Rc};

/// Value that ends with its component, whoever still holds a handle to it.
///
/// Shared with handles that outlive the component, which closing has to reach: hence the `RefCell`.
#[derive(Debug)]
pub(crate) struct Slot<T>(RefCell<Option<Rc<T>>>);

impl<T> Slot<T> {
    pub(crate) fn new(held: Option<T>) -> Self {
        Self(RefCell::new(held.map(Rc::new)))
    }

    /// Value that is held; `None` after [`Self::close`].
    pub(crate) fn get(&self) -> Option<Rc<T>> {
        self.0.borrow().clone()
    }

    /// Lets go of it.
    pub(crate) fn close(&self) {
        let held = self.0.take();
        drop(held);
    }
}
