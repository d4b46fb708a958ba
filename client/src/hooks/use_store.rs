use std::rc::Rc;

use tideboard_engine::{Key, Reader};
use yew::prelude::*;

use crate::{
    Realtime,
    driver::{Driver, ObserverId},
    hooks::use_realtime,
    latest::Latest,
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
    use_folded_store(deps, move |reader, deps, _| selector(reader, deps))
}

/// What a selector gave last, and all that has changed since.
pub(super) type Last<'a, T> = (&'a T, &'a [Key]);

/// [`use_store_with`] for a value that is costly to read whole: the selector is given what it gave last, and what has changed since.
#[hook]
pub(super) fn use_folded_store<T, D>(
    deps: D,
    selector: impl Fn(&Reader<'_>, &D, Option<Last<'_, T>>) -> T + 'static,
) -> Rc<T>
where
    T: PartialEq + 'static,
    D: Clone + PartialEq + 'static,
{
    let realtime = use_realtime();
    let update = use_force_update();
    let selected = use_memo((realtime, deps), move |(realtime, deps)| {
        let deps = deps.clone();
        let select = move |reader: &Reader<'_>, last: Option<Last<'_, T>>| selector(reader, &deps, last);
        Selected::new(realtime.clone(), select, move || update.force_update())
    });
    selected.value.get()
}

/// A value that follows the engine; unsubscribed when dropped.
struct Selected<T> {
    realtime: Realtime,
    id: ObserverId,
    value: Rc<Latest<Rc<T>>>,
}

impl<T: PartialEq + 'static> Selected<T> {
    fn new(
        realtime: Realtime,
        selector: impl Fn(&Reader<'_>, Option<Last<'_, T>>) -> T + 'static,
        on_change: impl Fn() + 'static,
    ) -> Self {
        let (value, keys) = realtime.read(|reader| selector(reader, None));
        let value = Rc::new(Latest::new(Rc::new(value)));
        let observer = {
            let value = Rc::clone(&value);
            move |driver: &Driver, changed: &[Key]| {
                let last = value.get();
                let (next, keys) = driver.read(|reader| selector(reader, Some((&last, changed))));
                if *last != next {
                    value.set(Rc::new(next));
                    on_change();
                }
                keys
            }
        };
        let id = realtime.observe(keys, Rc::new(observer));
        Self { realtime, id, value }
    }
}

impl<T> Drop for Selected<T> {
    fn drop(&mut self) {
        self.realtime.unobserve(self.id);
    }
}
