use std::{future::Future, rc::Rc};

use yew::prelude::*;

use crate::{
    by_address::ByAddress,
    hooks::use_realtime,
    refresher::{Fetch, Refresher},
};

mod handle;
mod options;

pub use handle::UsePeriodicRefreshHandle;
pub use options::UsePeriodicRefreshOptions;

/// Fetches something now and again, as long as somebody is there to see it.
///
/// ```no_run
/// use tideboard_client::hooks::use_periodic_refresh;
/// use yew::prelude::*;
///
/// async fn weather() -> Result<String, String> {
///     Ok("sunny".to_owned())
/// }
///
/// #[component]
/// fn Weather() -> Html {
///     let weather = use_periodic_refresh(weather);
///     let onclick = {
///         let weather = weather.clone();
///         move |_| drop(weather.refresh())
///     };
///     html! { <button {onclick}>{ weather.data().map_or("…", String::as_str) }</button> }
/// }
/// ```
///
/// | option of [`use_periodic_refresh_with_options`] | default | |
/// |---|---|---|
/// | `auto_start` | true | fetches from the start |
/// | `interval` | `ui.widget_refresh` | fixed, or a function of the data |
/// | `when_hidden`, `when_offline` | false | what is due meanwhile is fetched afterwards |
/// | `only_when` | always | the application's own condition |
/// | `on_focus`, `on_reconnect` | true | fetches then as well |
/// | `dedupe` | 2 s | not so soon after another |
/// | `jitter` | 0 | share of the interval |
/// | `skip_if_live` | false | news come by themselves |
/// | `error_retry` | 5 s | sooner after a failure, doubled each time |
/// | `keep_previous` | true | data stay while others are fetched |
/// | `stale_after` | never | from which age on data are stale |
/// | `on_end` | none | called with what each fetch gave |
///
/// Returns a [`UsePeriodicRefreshHandle`]; renders when a fetch begins or ends. The latest fetcher is used; when it would
/// fetch something else, call `refresh()`. A failure leaves the data as they are and shows as `error()`.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_periodic_refresh<T, E, F, Fut>(fetcher: F) -> UsePeriodicRefreshHandle<T, E>
where
    T: 'static,
    E: 'static,
    F: Fn() -> Fut + 'static,
    Fut: Future<Output = Result<T, E>> + 'static,
{
    use_periodic_refresh_with_options(fetcher, UsePeriodicRefreshOptions::default())
}

/// [`use_periodic_refresh`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_periodic_refresh_with_options<T, E, F, Fut>(
    fetcher: F,
    options: UsePeriodicRefreshOptions<T, E>,
) -> UsePeriodicRefreshHandle<T, E>
where
    T: 'static,
    E: 'static,
    F: Fn() -> Fut + 'static,
    Fut: Future<Output = Result<T, E>> + 'static,
{
    let realtime = use_realtime();
    let update = use_force_update();
    let fetch: Fetch<T, E> = Rc::new(move || Box::pin(fetcher()));
    let refresher: Rc<Rc<Refresher<T, E>>> = {
        let fetch = Rc::clone(&fetch);
        use_memo(realtime, move |realtime| Refresher::new(realtime.clone(), fetch, move || update.force_update()))
    };
    let refresher = Rc::clone(&*refresher);
    let (stale_after, on_end) = (options.stale_after, options.on_end.clone());
    refresher.set_up(fetch, options.rules(), on_end);
    use_effect_with(ByAddress::of(&refresher), |refresher| {
        refresher.start();
        let refresher = Rc::clone(&refresher.0);
        move || refresher.stop()
    });
    UsePeriodicRefreshHandle::new(refresher, stale_after)
}
