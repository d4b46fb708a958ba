//! People on a board: a row of avatars, a list, and the marks of single people and of a widget's editors.

use tideboard_shared::UnixMs;
use yew::prelude::*;

use super::{EmptyState, Icon, RelativeTime};

/// Person who is on a board.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Person {
    /// Connection, not user: somebody who has the board open twice is listed twice.
    pub id: AttrValue,
    /// Name to show.
    pub name: AttrValue,
    /// Current activity, such as `looks at Orders` or `edits CPU`. Not shown when empty.
    pub doing: AttrValue,
    /// Time at which the person came, by the user's clock, where that is known.
    pub since: Option<UnixMs>,
    /// Idle: no activity for a while.
    pub is_idle: bool,
    /// Set for the user of this page.
    pub is_me: bool,
}

impl Person {
    /// Name and everything known of the person, in one line.
    fn words(&self) -> String {
        let me = if self.is_me { " (you)" } else { "" };
        let idle = if self.is_idle { ", idle" } else { "" };
        let doing = if self.doing.is_empty() { String::new() } else { format!(", {}", self.doing) };
        format!("{}{me}{doing}{idle}", self.name)
    }
}

/// Properties of [`Avatars`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct AvatarsProps {
    /// People to show, in an order that stays the same between renders.
    pub people: Vec<Person>,
    /// Most avatars shown, at least 1; the others are counted in the last of them. Default 4.
    #[prop_or(4)]
    pub most: usize,
    /// The list's accessible name. Default `People here`.
    #[prop_or_else(|| "People here".into())]
    pub label: AttrValue,
}

/// Row of people, as initials in a colour of their own.
#[component]
pub fn Avatars(props: &AvatarsProps) -> Html {
    // No "+1": the last avatar takes as much room as the number would.
    let shown = if props.people.len() <= props.most.max(1) { props.people.len() } else { props.most.max(2) - 1 };
    let rest = props.people.get(shown..).unwrap_or_default();
    let others = rest.iter().map(Person::words).collect::<Vec<_>>().join("\n");
    html! {
        <ul class="avatars" aria-label={props.label.clone()}>
            { for props.people.iter().take(shown).map(|person| html! {
                <li key={person.id.to_string()} title={person.words()}>
                    { avatar(person) }<span class="visually-hidden">{ person.words() }</span>
                </li>
            }) }
            if !rest.is_empty() {
                <li title={others.clone()}>
                    <span class="avatar avatar-rest" aria-hidden="true">{ format!("+{}", rest.len()) }</span>
                    <span class="visually-hidden">{ others }</span>
                </li>
            }
        </ul>
    }
}

/// Properties of [`EditorMark`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct EditorMarkProps {
    /// Editors of the widget; the mark is empty when there are none.
    pub people: Vec<Person>,
}

/// Mark in a widget's header that names those who edit it.
#[component]
pub fn EditorMark(props: &EditorMarkProps) -> Html {
    let words = editors(&props.people);
    html! {
        <span class="editor-mark" title={words.clone()}>
            { for props.people.iter().take(2).map(avatar) }
            <span class="editor-words">{ words }</span>
        </span>
    }
}

/// Properties of [`People`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PeopleProps {
    /// People to list, in an order that stays the same between renders; placeholders while absent.
    pub people: Option<Vec<Person>>,
}

/// List of everyone on a board, with their activity and when they came.
#[component]
pub fn People(props: &PeopleProps) -> Html {
    let Some(people) = &props.people else {
        let line = |index: usize| {
            html! {
                <li key={index}>
                    <span class="skeleton avatar" /><span class="skeleton skeleton-line">{ "\u{a0}" }</span>
                </li>
            }
        };
        return html! { <ul class="people" aria-hidden="true">{ for (0..3).map(line) }</ul> };
    };
    if people.is_empty() {
        return html! {
            <EmptyState icon={Icon::People} title="Nobody else is here"
                text="Share the board's address to work on it together." />
        };
    }
    html! {
        <ul class="people" aria-label="People">
            { for people.iter().map(|person| html! {
                <li key={person.id.to_string()} class={classes!(person.is_idle.then_some("is-idle"))}>
                    { avatar(person) }
                    <span class="person-name">
                        { &person.name }
                        if person.is_me { <span class="person-note">{ " (you)" }</span> }
                    </span>
                    <span class="person-doing" title={person.doing.clone()}>
                        { if person.is_idle { "idle".into() } else { person.doing.clone() } }
                    </span>
                    if let Some(since) = person.since {
                        <span class="person-since"><RelativeTime at={since} /></span>
                    }
                </li>
            }) }
        </ul>
    }
}

/// Properties of [`PersonMark`].
#[derive(Debug, Clone, PartialEq, Eq, Properties)]
pub struct PersonMarkProps {
    /// Name that gives the initials and the colour.
    pub name: AttrValue,
    /// Idle: no activity for a while. Default false.
    #[prop_or_default]
    pub is_idle: bool,
}

/// Initials of a person in a colour of their own. Hidden from screen readers, so the name has to stand beside it.
#[component]
pub fn PersonMark(props: &PersonMarkProps) -> Html {
    let style = format!("background:hsl({} {SATURATION}% {LIGHTNESS}%)", hue(&props.name));
    let class = classes!("avatar", props.is_idle.then_some("is-idle"));
    html! { <span {class} {style} aria-hidden="true">{ initials(&props.name) }</span> }
}

fn avatar(person: &Person) -> Html {
    html! { <PersonMark name={person.name.clone()} is_idle={person.is_idle} /> }
}

/// Dark enough for white letters in every hue.
const LIGHTNESS: u32 = 30;
const SATURATION: u32 = 45;

/// A hue that depends on the name alone, so that everyone sees the same: FNV-1a, 32 bit.
fn hue(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)) % 360
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter_map(|word| word.chars().next());
    let first = words.next();
    let letters = first.into_iter().chain(words.next_back());
    let text: String = letters.flat_map(char::to_uppercase).collect();
    if text.is_empty() { "?".into() } else { text }
}

fn editors(people: &[Person]) -> String {
    match people {
        [] => String::new(),
        [one] => format!("{} is editing", one.name),
        [one, other] => format!("{} and {} are editing", one.name, other.name),
        [one, others @ ..] => format!("{} and {} others are editing", one.name, others.len()),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn white_letters_can_be_read_on_every_colour() {
        for hue in 0..360 {
            let contrast = 1.05 / (luminance(f64::from(hue)) + 0.05);
            assert!(contrast >= 4.5, "hue {hue}: {contrast:.2}");
        }
    }

    /// WCAG's relative luminance of `hsl(hue SATURATION LIGHTNESS)`.
    fn luminance(hue: f64) -> f64 {
        let s = f64::from(SATURATION) / 100.0;
        let l = f64::from(LIGHTNESS) / 100.0;
        let channel = |n: f64| {
            let k = (n + hue / 30.0) % 12.0;
            let value = l - s * l.min(1.0 - l) * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(0.0) + 0.7152 * channel(8.0) + 0.0722 * channel(4.0)
    }

    #[test]
    fn initials_are_those_of_the_first_and_the_last_name() {
        let cases =
            [("ann", "A"), ("Ann Marie Lee", "AL"), ("ann.lee@b.example", "AE"), ("ßa", "SS"), ("", "?"), ("…", "?")];
        for (name, initials_) in cases {
            assert_eq!(initials(name), initials_, "{name:?}");
        }
    }

    #[test]
    fn editors_are_named_as_long_as_they_are_two() {
        let person = |name: &'static str| Person { name: name.into(), ..Person::default() };
        let all = [person("Ann"), person("Bo"), person("Cy")];
        assert_eq!(editors(&all[..1]), "Ann is editing");
        assert_eq!(editors(&all[..2]), "Ann and Bo are editing");
        assert_eq!(editors(&all), "Ann and 2 others are editing");
    }
}
