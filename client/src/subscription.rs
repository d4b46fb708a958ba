use std::fmt;

/// Keeps a subscription alive. Dropping it unsubscribes; that is the only way to end it.
#[must_use = "dropping a subscription ends it at once"]
pub struct Subscription(Option<Box<dyn FnOnce()>>);

impl Subscription {
    /// A subscription that is ended by `unsubscribe`.
    pub fn new(unsubscribe: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(unsubscribe)))
    }

    /// Subscription that ends nothing, for sources that never change.
    pub const fn none() -> Self {
        Self(None)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(unsubscribe) = self.0.take() {
            unsubscribe();
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}
