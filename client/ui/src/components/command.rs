//! Commands of an application, each defined once for the palette, the shortcuts, menus and tool bars.

use yew::prelude::*;

use super::{Icon, MenuItem, Shortcut};

/// Command with its name, keys and icon: one entry for the palette, the shortcuts, menus and tool bars.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Identifier, unique among the commands.
    pub id: AttrValue,
    /// Name for people.
    pub title: AttrValue,
    /// Heading under which the palette and the page of help list it.
    pub group: AttrValue,
    /// Synonyms that the palette searches too, separated by spaces.
    pub keywords: AttrValue,
    /// Shortcut that runs the command, as in [`Keys`](super::Keys); empty for none.
    pub keys: AttrValue,
    /// Lets the shortcut work while someone types into a field, too. Only for keys with `mod`.
    pub is_in_fields: bool,
    /// Icon in front of the title.
    pub icon: Option<Icon>,
    /// Availability: a disabled command is listed but does nothing.
    pub is_enabled: bool,
    /// Runs the command.
    pub run: Callback<()>,
}

impl Command {
    /// Creates an enabled command without keys and icon, which does nothing yet.
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

    /// Sets synonyms, separated by spaces.
    #[must_use]
    pub fn keywords(self, keywords: impl Into<AttrValue>) -> Self {
        Self { keywords: keywords.into(), ..self }
    }

    /// Sets the shortcut that runs the command.
    #[must_use]
    pub fn keys(self, keys: impl Into<AttrValue>) -> Self {
        Self { keys: keys.into(), ..self }
    }

    /// Lets the shortcut work while someone types into a field, too.
    #[must_use]
    pub fn in_fields(self) -> Self {
        Self { is_in_fields: true, ..self }
    }

    /// Sets the icon.
    #[must_use]
    pub fn icon(self, icon: Icon) -> Self {
        Self { icon: Some(icon), ..self }
    }

    /// Sets whether the command can be run now.
    #[must_use]
    pub fn enabled(self, is_enabled: bool) -> Self {
        Self { is_enabled, ..self }
    }

    /// Sets the callback that runs the command.
    #[must_use]
    pub fn run(self, run: Callback<()>) -> Self {
        Self { run, ..self }
    }

    /// Returns the keyboard shortcut; `None` for a command without keys.
    #[must_use]
    pub fn shortcut(&self) -> Option<Shortcut> {
        let Self { keys, title, group, run, is_enabled, is_in_fields, .. } = self.clone();
        if keys.is_empty() {
            return None;
        }
        let shortcut = Shortcut::new(keys, title, group, run).enabled(is_enabled);
        Some(if is_in_fields { shortcut.in_fields() } else { shortcut })
    }

    /// Returns an item for a menu or a tool bar.
    #[must_use]
    pub fn menu_item(&self) -> MenuItem {
        let item = MenuItem::new(self.title.clone(), self.run.clone()).keys(self.keys.clone());
        MenuItem { icon: self.icon, is_disabled: !self.is_enabled, ..item }
    }
}
