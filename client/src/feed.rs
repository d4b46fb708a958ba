//! Where a chart gets its points, without a render for each of them.
//!
//! In: anything that holds points. Out: points on demand, and a call when there are more. Never: a copy of its own.

use std::{fmt, rc::Rc};

use tideboard_shared::{Point, UnixMs};
use yew::Callback;

use crate::Subscription;

/// Something that holds points, sorted by time, and says when there are more.
pub trait PointSource {
    /// Appends the points from `from` on to `out`, oldest first.
    fn read(&self, from: UnixMs, out: &mut Vec<Point>);

    /// The newest point.
    fn last(&self) -> Option<Point>;

    /// Calls `changed` after points arrived, for as long as the subscription lives.
    fn watch(&self, changed: Callback<()>) -> Subscription;
}

/// A shared [`PointSource`] as a component's property. Two are equal when they are the same source.
#[derive(Clone)]
pub struct Feed(Rc<dyn PointSource>);

impl Feed {
    /// Shares a source.
    pub fn new(source: impl PointSource + 'static) -> Self {
        Self(Rc::new(source))
    }
}

impl std::ops::Deref for Feed {
    type Target = dyn PointSource;

    fn deref(&self) -> &Self::Target {
        self.0.as_ref()
    }
}

impl PartialEq for Feed {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Feed")
    }
}
