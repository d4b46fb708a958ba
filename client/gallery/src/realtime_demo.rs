//! Panel that breaks things on purpose, so that a developer sees what the app makes of it.
//!
//! In: faults to set. Out: faults around the driver, edits of someone else, a log of frames. Never: a fault that
//! outlives the panel; a part of a release build.

use std::{ops::Deref, rc::Rc};

use tideboard_client::{
    LeadLoss,
    hooks::{use_realtime, use_store},
};
use tideboard_shared::BoardId;
use yew::prelude::*;

use crate::faults::{FaultControl, FaultSettings};

mod browser_faults;
mod frame_log;
mod frame_row;
mod network_faults;
mod overtake;
mod session;
mod slider;
mod someone_else;
mod standing;
mod state;
mod strangers_work;
mod stream_work;

use browser_faults::BrowserFaults;
use frame_log::FrameTable;
use network_faults::NetworkFaults;
use session::SessionDownload;
use standing::Standing;
use state::{Panel, PanelAction};
use strangers_work::StrangersWork;

/// Panel that breaks things on purpose around the client of its provider, to see what the app makes of it. Needs a
/// `RealtimeProvider`. The app has it only when built with its feature `gallery`.
///
/// ```no_run
/// use tideboard_client::RealtimeProvider;
/// use tideboard_engine::Config;
/// use tideboard_gallery::RealtimeDemo;
/// use yew::prelude::*;
///
/// #[component]
/// fn Workbench() -> Html {
///     let mut config = Config::default();
///     // Without it the session is not recorded, and cannot be downloaded.
///     config.features.devtools = true;
///     html! { <RealtimeProvider {config}><RealtimeDemo /></RealtimeProvider> }
/// }
/// ```
///
/// | fault | what happens |
/// |---|---|
/// | cut the network | the socket closes with 1006, new ones do not open, posts fail |
/// | latency | every frame and post waits, each way, in its order |
/// | lost frames | so many of a hundred do not arrive: the engine finds holes and repeats what has no answer |
/// | storage | nothing more can be written: no edits, or not even numbers for them |
/// | expire the token | the socket closes with 4001, once |
/// | kill the leading tab | it loses its lead as one that ends; the next tab takes over |
/// | force a conflict | the next edit that sets fields waits while somebody else sets the same ones |
///
/// Edits and points of someone else come from a second connection. Faults act where this tab's connection is: in a tab
/// that follows another, those of the network do nothing. All of them end with the panel, or with "Heal all". The log
/// holds the last 1,000 frames and 4 MiB of their text.
///
/// Takes no properties, returns no errors, and changes nothing but what its buttons say.
#[component]
pub fn RealtimeDemo() -> Html {
    let realtime = use_realtime();
    let control = use_memo(realtime, |realtime| Control(Rc::new(FaultControl::take(realtime.clone()))));
    let control = Control::clone(&control);
    let panel = use_reducer(Panel::default);
    use_effect_with((control.clone(), panel.settings), |(control, settings)| control.set(*settings));
    // Ended here and not by its drop alone, because others may hold the control, such as an edit that was caught.
    use_effect_with(control.clone(), |control| {
        let control = control.clone();
        move || control.end()
    });
    let on_settings = use_callback(panel.dispatcher(), |settings, panel| panel.dispatch(PanelAction::Set(settings)));
    let on_said = use_callback(panel.dispatcher(), |said, panel| panel.dispatch(PanelAction::Say(said)));
    let on_kill = use_callback((control.clone(), on_said.clone()), |(), (control, on_said)| {
        on_said.emit(match control.realtime().kill_leader() {
            LeadLoss::LetGo => "This tab let go of the lead and waits for it again.".into(),
            LeadLoss::Robbed => "The leading tab lost its lead to this one.".into(),
            LeadLoss::None => "There is no lead to lose: this page shares nothing with other tabs.".into(),
        });
    });
    let on_expire = use_callback((control.clone(), on_said.clone()), |(), (control, on_said)| {
        control.expire_token();
        on_said.emit("The token has expired: the app needs another one, or healing.".into());
    });
    let on_heal = use_callback((control.clone(), panel.dispatcher()), |(), (control, panel)| {
        control.heal();
        panel.dispatch(PanelAction::Heal);
    });
    let boards = use_boards();
    html! {
        <section class="demo" aria-label="Realtime demo">
            <Standing settings={panel.settings} {on_heal} />
            <p class="demo-said" role="status">{ &panel.said }</p>
            <div class="demo-parts">
                <NetworkFaults settings={panel.settings} on_change={on_settings.clone()} />
                <BrowserFaults settings={panel.settings} on_change={on_settings} {on_expire} {on_kill} />
                <StrangersWork control={control.clone()} {boards} healed={panel.healed} on_said={on_said.clone()} />
            </div>
            <FrameTable control={control.clone()} />
            <SessionDownload {control} {on_said} />
        </section>
    }
}

/// Selects the boards that the page is subscribed to.
#[hook]
fn use_boards() -> Rc<Vec<BoardId>> {
    use_store(|reader| {
        let board = |channel| match channel {
            tideboard_shared::Channel::Board(board) => Some(board),
            _ => None,
        };
        reader.channels().into_iter().filter_map(|view| board(view.channel)).collect()
    })
}

/// Control of the faults, as a property.
#[derive(Debug, Clone)]
struct Control(Rc<FaultControl>);

impl Deref for Control {
    type Target = FaultControl;

    fn deref(&self) -> &FaultControl {
        &self.0
    }
}

impl PartialEq for Control {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Properties of a part that changes faults.
#[derive(Debug, Clone, PartialEq, Properties)]
struct SettingsProps {
    settings: FaultSettings,
    on_change: Callback<FaultSettings>,
}
