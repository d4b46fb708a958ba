use yew::prelude::*;

use super::{Icon, MenuItem, Shortcut};

/// Something that can be done by its name: one entry for the palette, the shortcuts, menus and tool bars.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Name in code, different from all others.
    pub id: AttrValue,
    /// Name for people.
    pub title: AttrValue,
    /// Heading under which the palette and the help list it.
    pub group: AttrValue,
    /// Other words that people may look for, with spaces between.
    pub keywords: AttrValue,
    /// Keys that do the same, as in [`Keys`](super::Keys); empty for none.
    pub keys: AttrValue,
    /// Whether its keys work while someone types too. Only for keys with `mod`.
    pub is_in_fields: bool,
    /// Picture before the title.
    pub icon: Option<Icon>,
    /// Whether it can be done now.
    pub is_enabled: bool,
    /// Does it.
    pub run: Callback<()>,
}

impl Command {
    /// Command that can be done, without keys and picture, and does nothing yet.
    #[must_use]
    pub fn new(id: impl Into<AttrValue>, title: impl Into<AttrValue>, group: impl Into<AttrValue>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            group: group.into(),
            keywords: AttrValue::default(),
            keys: AttrValue::default(),
            is_in_fields: false,
            icon: None,
            is_enabled: true,
            run: Callback::noop(),
        }
    }

    /// Sets other words for it.
    #[must_use]
    pub fn keywords(self, keywords: impl Into<AttrValue>) -> Self {
        Self { keywords: keywords.into(), ..self }
    }

    /// Sets the keys that do the same.
    #[must_use]
    pub fn keys(self, keys: impl Into<AttrValue>) -> Self {
        Self { keys: keys.into(), ..self }
    }

    /// Lets its keys work while someone types too.
    #[must_use]
    pub fn in_fields(self) -> Self {
        Self { is_in_fields: true, ..self }
    }

    /// Sets its picture.
    #[must_use]
    pub fn icon(self, icon: Icon) -> Self {
        Self { icon: Some(icon), ..self }
    }

    /// Says whether it can be done now.
    #[must_use]
    pub fn enabled(self, is_enabled: bool) -> Self {
        Self { is_enabled, ..self }
    }

    /// Sets what it does.
    #[must_use]
    pub fn run(self, run: Callback<()>) -> Self {
        Self { run, ..self }
    }

    /// Its keys as a shortcut; `None` where it has none.
    #[must_use]
    pub fn shortcut(&self) -> Option<Shortcut> {
        let Self { keys, title, group, run, is_enabled, is_in_fields, .. } = self.clone();
        if keys.is_empty() {
            return None;
        }
        let shortcut = Shortcut::new(keys, title, group, run).enabled(is_enabled);
        Some(if is_in_fields { shortcut.in_fields() } else { shortcut })
    }

    /// Entry of a menu or a tool bar.
    #[must_use]
    pub fn menu_item(&self) -> MenuItem {
        let item = MenuItem::new(self.title.clone(), self.run.clone()).keys(self.keys.clone());
        MenuItem { icon: self.icon, is_disabled: !self.is_enabled, ..item }
    }
}
