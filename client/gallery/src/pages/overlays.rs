//! Pages of components that open over a board: palette, shortcuts, tour, confirmation, messages.

use std::rc::Rc;

use tideboard_ui::components::{
    Command, CommandPalette, Confirm, Icon, Shortcut, ShortcutsHelp, SingleKeys, Switch, Toast, ToastLevel, Toasts,
    Tour, use_shortcuts, use_single_keys,
};
use yew::prelude::*;

use super::controls::{Demo, Toggle, act, logged, use_log};

/// Callback that sets a state, to open and close something.
fn set<T: 'static + Clone, I: 'static>(state: &UseStateHandle<T>, value: T) -> Callback<I> {
    let setter = state.setter();
    Callback::from(move |_| setter.set(value.clone()))
}

fn open(label: &'static str, is_open: &UseStateHandle<bool>) -> Html {
    let setter = is_open.setter();
    act(label, move || setter.set(true))
}

fn commands() -> Rc<[Command]> {
    let command = |(id, title, group, icon, keys): (&'static str, &'static str, &'static str, Icon, &'static str)| {
        Command::new(id, title, group).icon(icon).keys(keys)
    };
    let all = [
        ("overview", "Go to Overview", "Go to", Icon::Grid, "g o"),
        ("orders", "Go to Orders", "Go to", Icon::Table, "g r"),
        ("system", "Go to System", "Go to", Icon::Gauge, "g s"),
        ("board", "Open board “Shop floor”", "Boards", Icon::Grid, ""),
        ("stat", "Add a number with its recent past", "Widgets", Icon::Plus, "a"),
        ("gauge", "Add a gauge", "Widgets", Icon::Gauge, ""),
        ("note", "Add a note", "Widgets", Icon::Note, ""),
        ("undo", "Undo", "Edit", Icon::Undo, "mod+z"),
        ("redo", "Redo", "Edit", Icon::Redo, "mod+shift+z"),
        ("kiosk", "Full screen", "View", Icon::Fullscreen, "k"),
        ("dark", "Dark theme", "View", Icon::Moon, ""),
        ("export", "Export this board as JSON", "Board", Icon::Download, ""),
        ("share", "Copy the board's address", "Board", Icon::Link, ""),
        ("help", "Keyboard shortcuts", "Help", Icon::Keyboard, "?"),
    ];
    all.into_iter().map(|all| command(all).enabled(all.0 != "redo")).collect()
}

#[component]
pub(super) fn Palette() -> Html {
    let (log, add) = use_log();
    let is_open = use_state(|| false);
    let recent = use_state(Vec::<AttrValue>::new);
    let on_run = {
        let recent = recent.clone();
        Callback::from(move |id: AttrValue| {
            add.emit(format!("runs {id}"));
            recent.set(
                [id.clone()].into_iter().chain(recent.iter().filter(|other| **other != id).cloned()).take(3).collect(),
            );
        })
    };
    html! {
        <Demo about="Finds what can be done by a few letters of its name." actions={open("Open", &is_open)} {log}>
            if *is_open {
                <CommandPalette commands={commands()} recent={(*recent).clone()} {on_run}
                    on_close={set(&is_open, false)} />
            }
        </Demo>
    }
}

#[component]
pub(super) fn Shortcuts() -> Html {
    let (log, add) = use_log();
    let is_open = use_state(|| false);
    let single_keys: SingleKeys = use_single_keys();
    let shortcuts = {
        let tell = |words: &'static str| logged(&add, move |()| words.to_owned());
        let open: Callback<()> = set(&is_open, true);
        use_memo(*is_open, move |_| {
            Rc::<[Shortcut]>::from([
                Shortcut::new("mod+k", "Command palette", "General", tell("palette")).in_fields(),
                Shortcut::new("?", "This list", "General", open),
                Shortcut::new("g o", "Overview", "Go to", tell("overview")),
                Shortcut::new("g r", "Orders", "Go to", tell("orders")),
                Shortcut::new("g s", "System", "Go to", tell("system")),
                Shortcut::new("mod+z", "Undo", "Edit", tell("undo")),
                Shortcut::new("mod+shift+z", "Redo", "Edit", tell("redo")).enabled(false),
                Shortcut::new("a", "Add a widget", "Edit", tell("add")),
                Shortcut::new("alt+arrowup", "Move the widget up", "Edit", tell("up")),
            ])
        })
    };
    use_shortcuts(Rc::clone(&shortcuts), &single_keys);
    html! {
        <Demo about="What the keyboard does: press ? for the list." actions={open("Open", &is_open)} {log}>
            <label>{ "Typing here presses nothing: " }<input type="text" /></label>
            if *is_open {
                <ShortcutsHelp shortcuts={Rc::<[Shortcut]>::clone(&shortcuts)} {single_keys}
                    on_close={set(&is_open, false)} />
            }
        </Demo>
    }
}

#[component]
pub(super) fn TourPage() -> Html {
    let (log, add) = use_log();
    let is_open = use_state(|| false);
    let asks = use_state(|| true);
    let name = use_state(|| AttrValue::from("Guest 7"));
    let on_name = asks.then(|| {
        let setter = name.setter();
        Callback::from(move |name: AttrValue| {
            add.emit(format!("is called {name}"));
            setter.set(name);
        })
    });
    let controls = html! { <Toggle label="on_name" value={asks} /> };
    html! {
        <Demo about="The first thing that a newcomer sees." {controls} actions={open("Open", &is_open)} {log}>
            if *is_open { <Tour name={(*name).clone()} {on_name} on_close={set(&is_open, false)} /> }
        </Demo>
    }
}

#[component]
pub(super) fn ConfirmPage() -> Html {
    let (log, add) = use_log();
    let is_open = use_state(|| false);
    let is_on = use_state(|| true);
    let on_confirm = {
        let close: Callback<()> = set(&is_open, false);
        Callback::from(move |()| {
            add.emit("removed".to_owned());
            close.emit(());
        })
    };
    let on_change = {
        let setter = is_on.setter();
        Callback::from(move |value| setter.set(value))
    };
    html! {
        <Demo about="A question before something is destroyed, and a switch." actions={open("Remove", &is_open)} {log}>
            <Switch label="Ask before removing" hint="Off: removed at once; undo brings it back." is_on={*is_on}
                {on_change} />
            if *is_open {
                <Confirm title="Remove “Processor”?" {on_confirm} on_close={set(&is_open, false)}>
                    { "The widget goes for everyone on this board. Undo brings it back." }
                </Confirm>
            }
        </Demo>
    }
}

#[component]
pub(super) fn Messages() -> Html {
    let (log, add) = use_log();
    let toasts = use_state(|| {
        vec![
            Toast::new(
                "1",
                ToastLevel::Error,
                "Not saved",
                "The browser's storage is full. Edits are kept until this page is closed.",
            ),
            Toast::new(
                "2",
                ToastLevel::Warning,
                "Changed by someone else; theirs is kept",
                "title: now “Load”, yours was “CPU”.",
            ),
        ]
    });
    let count = use_mut_ref(|| 2);
    let tell = {
        let toasts = toasts.clone();
        let add = add.clone();
        move || {
            *count.borrow_mut() += 1;
            let id = count.borrow().to_string();
            let undo = logged(&add, |()| "undo".to_owned());
            let toast = Toast::new(id, ToastLevel::Info, "Removed “Processor”", "").action("Undo", undo);
            toasts.set(toasts.iter().cloned().chain([toast]).collect());
        }
    };
    let on_dismiss = {
        let toasts = toasts.clone();
        Callback::from(move |id: AttrValue| {
            add.emit(format!("dismissed {id}"));
            toasts.set(toasts.iter().filter(|toast| toast.id != id).cloned().collect());
        })
    };
    html! {
        <Demo about="Messages at the page's edge." actions={act("Remove a widget", tell)} {log}>
            <Toasts toasts={(*toasts).clone()} {on_dismiss} />
        </Demo>
    }
}
