//! Points for charts, without a render for each of them.
//!
//! In: anything that holds points. Out: points on demand, and a call when there are more. Never: a copy of its own, but
//! of what is to stand still.

use std::{fmt, rc::Rc};

use tideboard_shared::{Point, UnixMs};
use yew::Callback;

use crate::Subscription;

/// Source of points, sorted by time, that says when there are more. Points may come between others and the oldest may
/// go, but none changes.
pub trait PointSource {
    /// Appends the points from `from` on to `out`, oldest first.
    fn read(&self, from: UnixMs, out: &mut Vec<Point>);

    /// The newest point.
    fn last(&self) -> Option<Point>;

    /// Time of the oldest point. Reads all points, unless the source knows better.
    fn oldest(&self) -> Option<UnixMs> {
        let mut points = Vec::new();
        self.read(UnixMs(0), &mut points);
        points.first().map(|point| point.0)
    }

    /// Counts the points in `from..=to`. Reads them, unless the source knows better.
    fn count(&self, from: UnixMs, to: UnixMs) -> usize {
        let mut points = Vec::new();
        self.read(from, &mut points);
        points.partition_point(|point| point.0 <= to)
    }

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

    /// The points up to a time as they are now: no later ones come, and none goes.
    #[must_use]
    pub fn until(&self, to: UnixMs) -> Self {
        let mut points = Vec::new();
        self.read(UnixMs(0), &mut points);
        points.truncate(points.partition_point(|point| point.0 <= to));
        Self::new(Still(points))
    }
}

/// Points that stay as they are.
struct Still(Vec<Point>);

impl PointSource for Still {
    fn read(&self, from: UnixMs, out: &mut Vec<Point>) {
        out.extend_from_slice(&self.0[self.0.partition_point(|point| point.0 < from)..]);
    }

    fn last(&self) -> Option<Point> {
        self.0.last().copied()
    }

    fn oldest(&self) -> Option<UnixMs> {
        self.0.first().map(|point| point.0)
    }

    fn count(&self, from: UnixMs, to: UnixMs) -> usize {
        let until = self.0.partition_point(|point| point.0 <= to);
        until.saturating_sub(self.0.partition_point(|point| point.0 < from))
    }

    fn watch(&self, _changed: Callback<()>) -> Subscription {
        Subscription::none()
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
