//! Fields between typing and the edit that they become.
//!
//! In: fields that the user sets. Out: one edit of all of them, when the pacing says so, or when the component goes.
//! Never: a draft that is lost with its component.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
    time::Duration,
};

use tideboard_shared::{Action, EntityId, Fields};

use super::Pacing;
use crate::{
    Seen,
    clock::Timer,
    hooks::{
        cells::Latest,
        editor::{Applied, Editor},
    },
};

/// Fields that the user has set and that are no edit yet: they become one when it is their time, together.
pub(in crate::hooks) struct Draft {
    entity: EntityId,
    editor: Latest<Editor>,
    pacing: Cell<Pacing>,
    waiting: RefCell<Waiting>,
    on_change: Box<dyn Fn()>,
    this: Weak<Self>,
}

#[derive(Default)]
struct Waiting {
    fields: Fields,
    /// Position of the board at which the user saw the entity, at the first of these.
    seen: Option<Seen>,
    timer: Option<Timer>,
    /// Time at which the last edit was made.
    last: Option<Duration>,
}

impl Draft {
    pub(super) fn new(entity: EntityId, editor: Editor, on_change: impl Fn() + 'static) -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            entity,
            editor: Latest::new(editor),
            pacing: Cell::default(),
            waiting: RefCell::default(),
            on_change: Box::new(on_change),
            this: this.clone(),
        })
    }

    /// Takes what the component wants as of its latest render.
    pub(super) fn set_up(&self, editor: Editor, pacing: Pacing) {
        self.editor.set(editor);
        self.pacing.set(pacing);
    }

    pub(super) fn fields(&self) -> Fields {
        self.waiting.borrow().fields.clone()
    }

    /// Adds fields that the user set when the entity looked as at `seen`.
    pub(super) fn add(&self, fields: Fields, seen: Seen) {
        let now = self.editor.get().realtime.now().mono;
        let is_due = {
            let mut waiting = self.waiting.borrow_mut();
            waiting.fields.extend(fields);
            waiting.seen.get_or_insert(seen);
            let delay = match self.pacing.get() {
                Pacing::None => Duration::ZERO,
                Pacing::Debounce(quiet) => {
                    waiting.timer = None;
                    quiet
                }
                Pacing::Throttle(every) => {
                    waiting.last.map_or(Duration::ZERO, |last| (last + every).saturating_sub(now))
                }
            };
            if !delay.is_zero() && waiting.timer.is_none() {
                waiting.timer = Some(self.timer(delay));
            }
            delay.is_zero()
        };
        if is_due {
            self.flush();
        } else {
            (self.on_change)();
        }
    }

    /// Makes what waits an edit now; `None` when nothing does.
    pub(super) fn flush(&self) -> Option<Applied> {
        let editor = self.editor.get();
        let (fields, seen) = {
            let mut waiting = self.waiting.borrow_mut();
            waiting.timer = None;
            if waiting.fields.is_empty() {
                return None;
            }
            waiting.last = Some(editor.realtime.now().mono);
            (std::mem::take(&mut waiting.fields), waiting.seen.take())
        };
        let applied = editor.apply(self.entity.clone(), Action::set(fields), seen);
        (self.on_change)();
        Some(applied)
    }

    /// Forgets what waits.
    pub(super) fn drop_fields(&self) {
        let last = self.waiting.borrow().last;
        let dropped = self.waiting.replace(Waiting { last, ..Waiting::default() });
        if !dropped.fields.is_empty() {
            (self.on_change)();
        }
    }

    fn timer(&self, delay: Duration) -> Timer {
        let this = self.this.clone();
        Timer::new(delay, move || {
            if let Some(draft) = this.upgrade() {
                draft.flush();
            }
        })
    }
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draft").field("entity", &self.entity).finish_non_exhaustive()
    }
}
