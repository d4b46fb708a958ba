use std::{future::Future, rc::Rc, time::Duration};

use tideboard_shared::UnixMs;

use crate::refresher::{Refresher, View};

/// What [`super::use_periodic_refresh`] returns.
pub struct UsePeriodicRefreshHandle<T, E> {
    refresher: Rc<Refresher<T, E>>,
    view: View<T, E>,
    stale_after: Option<Duration>,
}

impl<T: 'static, E: 'static> UsePeriodicRefreshHandle<T, E> {
    pub(super) fn new(refresher: Rc<Refresher<T, E>>, stale_after: Option<Duration>) -> Self {
        let view = refresher.view();
        Self { refresher, view, stale_after }
    }

    /// The latest data.
    #[must_use]
    pub fn data(&self) -> Option<&T> {
        self.view.data.as_deref()
    }

    /// Why the latest fetch failed.
    #[must_use]
    pub fn error(&self) -> Option<&E> {
        self.view.error.as_deref()
    }

    /// Whether the first data are on their way.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.view.is_refreshing && self.view.data.is_none()
    }

    /// Whether data are on their way.
    #[must_use]
    pub fn is_refreshing(&self) -> bool {
        self.view.is_refreshing
    }

    /// Whether nothing is fetched by itself.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.view.is_paused
    }

    /// When data last came, by the user's clock.
    #[must_use]
    pub fn last_updated(&self) -> Option<UnixMs> {
        self.view.updated
    }

    /// Whether the data are older than `stale_after`. By the clock of the call: it does not render by itself.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        let age = self.view.updated.map(|at| self.refresher.realtime().now().wall.0.saturating_sub(at.0));
        self.stale_after.zip(age).is_some_and(|(limit, age_ms)| Duration::from_millis(age_ms) >= limit)
    }

    /// How long until the next fetch; none while one is under way, or none is due. By the clock of the call.
    #[must_use]
    pub fn next_in(&self) -> Option<Duration> {
        let now = self.refresher.realtime().now().mono;
        self.refresher.view().due.map(|due| due.saturating_sub(now))
    }

    /// Fetches now, or joins what is under way. The future gives what comes of it, and `None` when the component goes
    /// before; it need not be awaited.
    pub fn refresh(&self) -> impl Future<Output = Option<Result<Rc<T>, Rc<E>>>> + use<T, E> {
        self.refresher.refresh()
    }

    /// Fetches nothing by itself until [`Self::resume`].
    pub fn pause(&self) {
        self.refresher.pause();
    }

    /// Ends [`Self::pause`]; what was due meanwhile is fetched at once.
    pub fn resume(&self) {
        self.refresher.resume();
    }
}

impl<T, E> Clone for UsePeriodicRefreshHandle<T, E> {
    fn clone(&self) -> Self {
        Self { refresher: Rc::clone(&self.refresher), view: self.view.clone(), stale_after: self.stale_after }
    }
}

impl<T, E> PartialEq for UsePeriodicRefreshHandle<T, E> {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.view, &other.view);
        Rc::ptr_eq(&self.refresher, &other.refresher)
            && self.stale_after == other.stale_after
            && same(a.data.as_ref(), b.data.as_ref())
            && same(a.error.as_ref(), b.error.as_ref())
            && (a.is_refreshing, a.is_paused, a.updated) == (b.is_refreshing, b.is_paused, b.updated)
    }
}

impl<T, E> std::fmt::Debug for UsePeriodicRefreshHandle<T, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let is_refreshing = self.view.is_refreshing;
        f.debug_struct("UsePeriodicRefreshHandle").field("is_refreshing", &is_refreshing).finish_non_exhaustive()
    }
}

fn same<T>(a: Option<&Rc<T>>, b: Option<&Rc<T>>) -> bool {
    a.map(Rc::as_ptr) == b.map(Rc::as_ptr)
}
