//! Command palette: runs any command by a few letters of its name.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

mod matching;

use self::matching::{Hit, rank};
use super::{Command, Icon, Keys, dialog::Modal, menu::steps::step};
use crate::format::count_of;

/// Properties of [`CommandPalette`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct CommandPaletteProps {
    /// Commands to choose from; those of a group stand together.
    pub commands: Rc<[Command]>,
    /// Ids of recently used commands, the latest first. Default: none.
    #[prop_or_default]
    pub recent: Vec<AttrValue>,
    /// Called with the id of the chosen command, after `on_close` and before the command runs.
    #[prop_or_default]
    pub on_run: Callback<AttrValue>,
    /// Called when a command was chosen or the palette closed. The owner then no longer renders it.
    pub on_close: Callback<()>,
}

const LIST: &str = "palette-list";

/// Dialog that finds commands by a few letters of their names: a field with a list below it.
///
/// Keys as in the ARIA practices' combobox: arrows, Enter, Escape; the focus stays in the field.
#[component]
pub fn CommandPalette(props: &CommandPaletteProps) -> Html {
    let CommandPaletteProps { commands, recent, on_run, on_close } = props;
    let query = use_state(String::new);
    let at = use_state(|| 0_usize);
    let list = use_node_ref();
    let hits = use_memo((query.clone(), Rc::clone(commands), recent.clone()), |(query, commands, recent)| {
        rank(query, commands, recent)
    });
    use_effect_with((*at, Rc::clone(&hits)), {
        let list = list.clone();
        move |_| {
            if let Some(list) = list.cast::<Element>() {
                show_selected(&list);
            }
        }
    });
    let run = {
        let commands = Rc::clone(commands);
        let hits = Rc::clone(&hits);
        let on_close = on_close.clone();
        let on_run = on_run.clone();
        Callback::from(move |place: usize| {
            if let Some(command) = hits.get(place).map(|hit| &commands[hit.place]).filter(|command| command.is_enabled)
            {
                on_close.emit(());
                on_run.emit(command.id.clone());
                command.run.emit(());
            }
        })
    };
    let oninput = {
        let query = query.setter();
        let at = at.setter();
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
                query.set(input.value());
                at.set(0);
            }
        })
    };
    let onkeydown = {
        let at = at.clone();
        let run = run.clone();
        let count = hits.len();
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "Enter" if !event.is_composing() => run.emit(*at),
                // Home and End move the caret in the text.
                "Home" | "End" => return,
                key => match step(key, Some(*at), count) {
                    Some(place) => at.set(place),
                    None => return,
                },
            }
            event.prevent_default();
        })
    };
    let selected = (*at < hits.len()).then(|| option_id(*at));
    html! {
        <Modal label="Commands" class="palette" on_close={on_close.clone()}>
            <div class="palette-head">
                { Html::from(Icon::Search) }
                <input type="text" class="palette-field" role="combobox" aria-label="Command" aria-expanded="true"
                    aria-controls={LIST}
                    aria-autocomplete="list" aria-activedescendant={selected} placeholder="What do you want to do?"
                    autocomplete="off" autocapitalize="off" spellcheck="false" autofocus=true value={(*query).clone()}
                    {oninput} {onkeydown} />
                <Keys keys="escape" />
            </div>
            <ul ref={list} id={LIST} class="palette-list" role="listbox" aria-label="Commands">
                { options(commands, &hits, (&at, !query.trim().is_empty()), &run) }
            </ul>
            if hits.is_empty() {
                <p class="palette-none">{ format!("Nothing is called “{}”. Try fewer letters.", query.trim()) }</p>
            }
            <p class="visually-hidden" role="status">{ count_of(hits.len(), "command", "commands") }</p>
        </Modal>
    }
}

/// The options; with nothing typed below headings, else each with its group at its end.
fn options(
    commands: &[Command],
    hits: &[Hit],
    (at, is_searching): (&UseStateHandle<usize>, bool),
    run: &Callback<usize>,
) -> Html {
    let heading =
        |hit: &Hit| if hit.is_recent { AttrValue::Static("Recent") } else { commands[hit.place].group.clone() };
    let mut last = None;
    let option = |(place, hit): (usize, &Hit)| {
        let command = &commands[hit.place];
        let heading = (!is_searching)
            .then(|| heading(hit))
            .filter(|heading| last.replace(heading.clone()).as_ref() != Some(heading));
        let setter = at.setter();
        let current = **at;
        let run = run.clone();
        let onpointermove = move |_: PointerEvent| {
            if current != place {
                setter.set(place);
            }
        };
        html! {
            <>
                if let Some(heading) = heading { <li class="palette-heading" role="presentation">{ heading }</li> }
                <li id={option_id(place)} class="palette-option" role="option"
                    aria-selected={(current == place).to_string()}
                    aria-disabled={(!command.is_enabled).then_some("true")} onclick={move |_| run.emit(place)}
                    {onpointermove}>
                    <span class="menu-icon">{ command.icon.map(Html::from) }</span>
                    <span class="menu-label">{ marked(&command.title, &hit.marks) }</span>
                    if is_searching { <span class="palette-group">{ &command.group }</span> }
                    if !command.keys.is_empty() { <Keys keys={command.keys.clone()} /> }
                </li>
            </>
        }
    };
    hits.iter().enumerate().map(option).collect()
}

fn option_id(place: usize) -> String {
    format!("palette-option-{place}")
}

/// The title with the letters that were meant set off, neighbours together.
fn marked(title: &str, marks: &[usize]) -> Html {
    let letters: Vec<char> = title.chars().collect();
    let is_marked = |place: usize| marks.binary_search(&place).is_ok();
    let places: Vec<usize> = (0..letters.len()).collect();
    let run = |run: &[usize]| {
        let text: String = run.iter().map(|place| letters[*place]).collect();
        if run.first().is_some_and(|place| is_marked(*place)) {
            html! { <mark>{ text }</mark> }
        } else {
            text.into()
        }
    };
    places.chunk_by(|a, b| is_marked(*a) == is_marked(*b)).map(run).collect()
}

/// Scrolls the list, and nothing else, as little as shows the selected option.
fn show_selected(list: &Element) {
    let Ok(Some(option)) = list.query_selector("[aria-selected='true']") else { return };
    let outer = list.get_bounding_client_rect();
    let inner = option.get_bounding_client_rect();
    let hidden = (inner.top() - outer.top()).min(0.0) + (inner.bottom() - outer.bottom()).max(0.0);
    // Whole pixels are exact enough here.
    list.set_scroll_top(list.scroll_top() + hidden.round() as i32);
}
