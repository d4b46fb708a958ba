//! Everything that can be done from anywhere on the page: the one list behind the palette, the shortcuts, the tools and the menu.

use std::rc::Rc;

use tideboard_ui::components::{Command, Icon, MenuEntry, MenuItem, Shortcut};
use yew::prelude::*;

/// Something that can be done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Deed {
    pub(crate) id: &'static str,
    pub(crate) title: AttrValue,
    pub(crate) group: &'static str,
    pub(crate) icon: Icon,
    /// As in `Keys`; empty for none.
    pub(crate) keys: &'static str,
    /// Other words for it.
    pub(crate) keywords: &'static str,
    pub(crate) is_enabled: bool,
    pub(crate) run: Callback<()>,
}

impl Deed {
    pub(crate) fn new(
        id: &'static str,
        group: &'static str,
        title: impl Into<AttrValue>,
        icon: Icon,
        run: Callback<()>,
    ) -> Self {
        Self { id, title: title.into(), group, icon, keys: "", keywords: "", is_enabled: true, run }
    }

    pub(crate) fn keys(self, keys: &'static str) -> Self {
        Self { keys, ..self }
    }

    pub(crate) fn keywords(self, keywords: &'static str) -> Self {
        Self { keywords, ..self }
    }

    pub(crate) fn enabled(self, is_enabled: bool) -> Self {
        Self { is_enabled, ..self }
    }

    fn command(&self) -> Command {
        let command = Command::new(self.id, self.title.clone(), self.group).icon(self.icon);
        command.keys(self.keys).keywords(self.keywords).enabled(self.is_enabled)
    }

    fn shortcut(&self) -> Shortcut {
        let shortcut =
            Shortcut::new(self.keys, self.title.clone(), self.group, self.run.clone()).enabled(self.is_enabled);
        if self.keys == PALETTE_KEYS { shortcut.in_fields() } else { shortcut }
    }

    fn item(&self) -> MenuItem {
        let item = MenuItem::new(self.title.clone(), self.run.clone()).icon(self.icon);
        item.keys(self.keys).disabled(!self.is_enabled)
    }
}

/// What opens the palette, also while somebody types.
pub(crate) const PALETTE_KEYS: &str = "mod+k";

pub(crate) fn commands(deeds: &[Deed]) -> Rc<[Command]> {
    deeds.iter().map(Deed::command).collect()
}

pub(crate) fn shortcuts(deeds: &[Deed]) -> Rc<[Shortcut]> {
    deeds.iter().filter(|deed| !deed.keys.is_empty()).map(Deed::shortcut).collect()
}

/// Those with these ids, in their order; a line where an id is empty.
pub(crate) fn menu(deeds: &[Deed], ids: &[&str]) -> Vec<MenuEntry> {
    ids.iter()
        .filter_map(|id| match *id {
            "" => Some(MenuEntry::Separator),
            id => deeds.iter().find(|deed| deed.id == id).map(|deed| deed.item().into()),
        })
        .collect()
}

pub(crate) fn tools(deeds: &[Deed], ids: &[&str]) -> Vec<MenuItem> {
    ids.iter().filter_map(|id| deeds.iter().find(|deed| deed.id == *id)).map(Deed::item).collect()
}
