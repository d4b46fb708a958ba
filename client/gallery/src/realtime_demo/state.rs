//! State of the panel.

use std::rc::Rc;

use yew::prelude::*;

use crate::faults::FaultSettings;

/// State of the panel.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Panel {
    pub(super) settings: FaultSettings,
    /// Last action in words.
    pub(super) said: AttrValue,
    /// Number of times that everything was healed.
    pub(super) healed: u32,
}

/// Action on a [`Panel`].
#[derive(Debug)]
pub(super) enum PanelAction {
    Set(FaultSettings),
    Say(AttrValue),
    Heal,
}

impl Reducible for Panel {
    type Action = PanelAction;

    fn reduce(self: Rc<Self>, action: PanelAction) -> Rc<Self> {
        let mut next = Self::clone(&self);
        match action {
            PanelAction::Set(settings) => next.settings = settings,
            PanelAction::Say(said) => next.said = said,
            PanelAction::Heal => {
                let said = "Everything is healed.".into();
                next = Self { settings: FaultSettings::default(), said, healed: self.healed.wrapping_add(1) };
            }
        }
        next.into()
    }
}
