use std::rc::Rc;

use yew::Reducible;

use super::RequestProblem;

/// What became of the calls of one component. The latest call's end is the one that is shown.
pub(super) struct Calls<T> {
    pub(super) data: Option<Rc<T>>,
    pub(super) error: Option<RequestProblem>,
    /// How many are under way.
    pub(super) pending: usize,
    /// The latest call whose end is shown.
    shown: u64,
    /// Ends of calls up to this one are not shown.
    forgotten: u64,
}

impl<T> Default for Calls<T> {
    fn default() -> Self {
        Self { data: None, error: None, pending: 0, shown: 0, forgotten: 0 }
    }
}

/// What happens to [`Calls`]. Calls are numbered from 1.
pub(super) enum CallAction<T> {
    Began,
    Ended { call: u64, result: Result<Rc<T>, RequestProblem> },
    Reset { last: u64 },
}

impl<T> Reducible for Calls<T> {
    type Action = CallAction<T>;

    fn reduce(self: Rc<Self>, action: CallAction<T>) -> Rc<Self> {
        let mut next = Self {
            data: self.data.clone(),
            error: self.error.clone(),
            pending: self.pending,
            shown: self.shown,
            forgotten: self.forgotten,
        };
        match action {
            CallAction::Began => next.pending += 1,
            CallAction::Ended { call, result } => {
                next.pending = next.pending.saturating_sub(1);
                if call > next.forgotten && call > next.shown {
                    next.shown = call;
                    match result {
                        Ok(data) => {
                            next.data = Some(data);
                            next.error = None;
                        }
                        Err(error) => next.error = Some(error),
                    }
                }
            }
            CallAction::Reset { last } => {
                next.data = None;
                next.error = None;
                next.forgotten = last;
            }
        }
        next.into()
    }
}
