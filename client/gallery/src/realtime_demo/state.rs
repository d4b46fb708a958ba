use std::rc::Rc;

use yew::prelude::*;

use crate::faults::FaultSettings;

/// What the panel shows and wants.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Panel {
    pub(super) settings: FaultSettings,
    /// What was done last, in words.
    pub(super) said: AttrValue,
    /// How often everything was healed.
    pub(super) healed: u32,
}

/// What happens to a [`Panel`].
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
