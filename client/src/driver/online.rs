use gloo::{
    events::EventListener,
    utils::{document, window},
};
use tideboard_engine::Input;
use web_sys::VisibilityState;

/// Reports when the machine gains or loses its network and when the page becomes visible, until dropped.
pub(super) struct Online {
    _listeners: [EventListener; 3],
}

impl Online {
    pub(super) fn new(on_input: impl Fn(Input) + Clone + 'static) -> Self {
        let network = |name: &'static str, is_online: bool| {
            let on_input = on_input.clone();
            EventListener::new(&window(), name, move |_| on_input(Input::Online(is_online)))
        };
        let (online, offline) = (network("online", true), network("offline", false));
        let visible = EventListener::new(&document(), "visibilitychange", move |_| {
            if document().visibility_state() == VisibilityState::Visible {
                on_input(Input::Visible);
            }
        });
        Self { _listeners: [online, offline, visible] }
    }
}

/// Whether the machine says that it has a network now.
pub(super) fn is_online() -> bool {
    window().navigator().on_line()
}
