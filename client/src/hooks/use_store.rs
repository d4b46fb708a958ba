use std::{rc::Rc, time::Duration};

use gloo::timers::callback::Interval;
use tideboard_engine::{Key, Reader};
use yew::prelude::*;

use super::{cells::Latest, use_realtime};
use crate::{
    Realtime,
    driver::{Driver, ObserverId, OnChange},
};

/// Subscribes the component to a value computed from what the engine knows: the one primitive beneath all hooks.
///
/// The selector runs again only when something that it read has changed, and the component renders only when the value
/// that it then gives is another one by `PartialEq`. It must only read: calling the engine from it panics.
///
/// ```no_run
/// use tideboard_client::hooks::use_store;
/// use yew::prelude::*;
///
/// #[component]
/// fn Unsaved() -> Html {
///     let pending = use_store(|reader| reader.sync().pending);
///     html! { <p>{ format!("{pending} edits are not saved yet") }</p> }
/// }
/// ```
///
/// Returns the value, shared. It has no options; see [`use_store_with`] for a selector that depends on properties.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_store<T: PartialEq + 'static>(selector: impl Fn(&Reader<'_>) -> T + 'static) -> Rc<T> {
    use_store_with((), move |reader, ()| selector(reader))
}

/// [`use_store`] for a selector that depends on `deps`: when they change, it starts anew.
///
/// ```no_run
/// use tideboard_client::hooks::use_store_with;
/// use tideboard_shared::Topic;
/// use yew::prelude::*;
///
/// #[derive(PartialEq, Properties)]
/// struct Props {
///     topic: Topic,
/// }
///
/// #[component]
/// fn Latest(props: &Props) -> Html {
///     let value = use_store_with(props.topic.clone(), |reader, topic| reader.stream(topic)?.latest());
///     html! { <p>{ value.map_or("nothing yet".to_owned(), |point| point.1.to_string()) }</p> }
/// }
/// ```
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_store_with<T, D>(deps: D, selector: impl Fn(&Reader<'_>, &D) -> T + 'static) -> Rc<T>
where
    T: PartialEq + 'static,
    D: Clone + PartialEq + 'static,
{
    use_selected(deps, None, move |reader, deps, _| selector(reader, deps))
}

/// Last value of a selector, and all that has changed since.
pub(super) type Last<'a, T> = (&'a T, &'a [Key]);

/// [`use_store_with`] for a value that is costly to read whole: the selector is given what it gave last, and what has
/// changed since.
#[hook]
pub(super) fn use_folded_store<T, D>(
    deps: D,
    selector: impl Fn(&Reader<'_>, &D, Option<Last<'_, T>>) -> T + 'static,
) -> Rc<T>
where
    T: PartialEq + 'static,
    D: Clone + PartialEq + 'static,
{
    use_selected(deps, None, selector)
}

/// [`use_store_with`] for a selector whose value also changes with time: it runs again every so often as well.
#[hook]
pub(super) fn use_store_every<T, D>(
    deps: D,
    every: Option<Duration>,
    selector: impl Fn(&Reader<'_>, &D) -> T + 'static,
) -> Rc<T>
where
    T: PartialEq + 'static,
    D: Clone + PartialEq + 'static,
{
    use_selected(deps, every, move |reader, deps, _| selector(reader, deps))
}

#[hook]
fn use_selected<T, D>(
    deps: D,
    every: Option<Duration>,
    selector: impl Fn(&Reader<'_>, &D, Option<Last<'_, T>>) -> T + 'static,
) -> Rc<T>
where
    T: PartialEq + 'static,
    D: Clone + PartialEq + 'static,
{
    let realtime = use_realtime();
    let update = use_force_update();
    let selected = use_memo((realtime, deps, every), move |(realtime, deps, every)| {
        let deps = deps.clone();
        let select = move |reader: &Reader<'_>, last: Option<Last<'_, T>>| selector(reader, &deps, last);
        Selected::new(realtime.clone(), *every, select, move |_, _| update.force_update())
    });
    selected.value.get()
}

/// Calls `on_change` with a value computed from what the engine knows, at first and whenever it changes, without a
/// render.
///
/// ```no_run
/// use tideboard_client::hooks::use_watch;
/// use yew::prelude::*;
///
/// #[component]
/// fn Title() -> Html {
///     let show = use_callback((), |pending: std::rc::Rc<usize>, ()| {
///         gloo::utils::document().set_title(&format!("{pending} edits are not saved yet"));
///     });
///     use_watch((), |reader, ()| reader.sync().pending, show);
///     html! {}
/// }
/// ```
///
/// The selector is as in [`use_store_with`]; of `on_change` the latest is called. It has no options and returns
/// nothing.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_watch<T, D>(deps: D, selector: impl Fn(&Reader<'_>, &D) -> T + 'static, on_change: Callback<Rc<T>>)
where
    T: PartialEq + 'static,
    D: Clone + PartialEq + 'static,
{
    let realtime = use_realtime();
    let on_change = yew_hooks::use_latest(on_change);
    use_effect_with((realtime, deps), move |(realtime, deps)| {
        let deps = deps.clone();
        let select = move |reader: &Reader<'_>, _: Option<Last<'_, T>>| selector(reader, &deps);
        let latest = on_change.clone();
        let tell = move |_: &T, value: &Rc<T>| latest.current().emit(Rc::clone(value));
        let selected = Selected::new(realtime.clone(), None, select, tell);
        on_change.current().emit(selected.value.get());
        move || drop(selected)
    });
}

/// A value that follows the engine; unsubscribed when dropped.
pub(super) struct Selected<T> {
    realtime: Realtime,
    id: ObserverId,
    value: Rc<Latest<Rc<T>>>,
    _timer: Option<Interval>,
}

impl<T: PartialEq + 'static> Selected<T> {
    /// Follows `selector`, without a render. `on_change` is called with the value before and after every change.
    pub(super) fn follow(
        realtime: &Realtime,
        selector: impl Fn(&Reader<'_>) -> T + 'static,
        on_change: impl Fn(&T, &Rc<T>) + 'static,
    ) -> Self {
        Self::new(realtime.clone(), None, move |reader, _| selector(reader), on_change)
    }

    fn new(
        realtime: Realtime,
        every: Option<Duration>,
        selector: impl Fn(&Reader<'_>, Option<Last<'_, T>>) -> T + 'static,
        on_change: impl Fn(&T, &Rc<T>) + 'static,
    ) -> Self {
        let (value, keys) = realtime.read_tracked(|reader| selector(reader, None));
        let value = Rc::new(Latest::new(Rc::new(value)));
        let observer: OnChange = {
            let value = Rc::clone(&value);
            Rc::new(move |driver: &Driver, changed: &[Key]| {
                let last = value.get();
                let (next, keys) = driver.read_tracked(|reader| selector(reader, Some((&last, changed))));
                if *last != next {
                    let next = Rc::new(next);
                    value.set(Rc::clone(&next));
                    on_change(&last, &next);
                }
                keys
            })
        };
        let timer = every.map(|every| {
            let realtime = realtime.clone();
            let observer = Rc::clone(&observer);
            // What it reads is the same whatever the time is, and so are the keys.
            Interval::new(u32::try_from(every.as_millis()).unwrap_or(u32::MAX), move || drop(observer(&realtime, &[])))
        });
        let id = realtime.observe(keys, observer);
        Self { realtime, id, value, _timer: timer }
    }
}

impl<T> Drop for Selected<T> {
    fn drop(&mut self) {
        self.realtime.unobserve(self.id);
    }
}
