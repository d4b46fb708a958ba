//! Markdown as elements.
//!
//! In: CommonMark with tables, task lists and struck-out text; bare addresses become links, a line break stays one. Out: elements.
//! Never: HTML of the author's, an address that is not `http`, `https` or `mailto`, anything loaded from elsewhere, more than
//! [`DEPTH`] levels.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, TextMergeWithOffset};
use yew::{prelude::*, virtual_dom::VTag};

/// Most elements within each other; what is deeper shows without its own.
const DEPTH: usize = 16;

/// Makes elements of a text. `on_task` is called with the place in `text` of the box that was ticked; no box can be while absent.
pub(super) fn markdown(text: &str, on_task: Option<&Callback<usize>>) -> Html {
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let events: Vec<_> = TextMergeWithOffset::new(Parser::new_ext(text, options).into_offset_iter())
        .map(|(event, at)| (event, at.start))
        .collect();
    let mut tree = Tree { open: vec![Open::default()], level: 2 };
    for (index, (event, at)) in events.iter().enumerate() {
        match event {
            Event::Start(tag) => tree.start(tag),
            Event::End(_) => tree.end(),
            Event::Text(text) if !tree.is_in(&["a", "pre"]) => with_links(text, |node| tree.add(node)),
            // An author's HTML is shown as what was written.
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => tree.add(html! { { text.to_string() } }),
            Event::Code(text) => tree.add(html! { <code>{ text.to_string() }</code> }),
            Event::SoftBreak | Event::HardBreak => tree.add(html! { <br /> }),
            Event::Rule => tree.add(html! { <hr /> }),
            Event::TaskListMarker(is_done) => {
                let label = label(events[index..].iter().map(|(event, _)| event));
                tree.add(task(label, *is_done, on_task.map(|on_task| (on_task, *at))));
            }
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) => {}
        }
    }
    tree.open.into_iter().flat_map(|open| open.nodes).collect()
}

/// The text with the box at `at` ticked, or not any more; none where there is no box.
pub(super) fn with_task_toggled(text: &str, at: usize) -> Option<String> {
    let rest = text.get(at..)?;
    let tick = match rest.get(..3)? {
        "[ ]" => "[x]",
        "[x]" | "[X]" => "[ ]",
        _ => return None,
    };
    Some(format!("{}{tick}{}", &text[..at], &rest[3..]))
}

/// Tells whether an address may be a link: it cannot run anything in the page.
fn is_safe(address: &str) -> bool {
    ["http://", "https://", "mailto:"]
        .iter()
        .any(|scheme| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// The elements that are being made, outermost first.
struct Tree {
    open: Vec<Open>,
    /// The last heading's level in the page: one may be deeper than the last by one only.
    level: u8,
}

/// An element that is being made; one without a tag only hands on what is in it.
#[derive(Default)]
struct Open {
    name: &'static str,
    element: Option<VTag>,
    nodes: Vec<Html>,
}

impl Tree {
    fn start(&mut self, tag: &Tag<'_>) {
        let name = self.name(tag);
        let is_shown = !name.is_empty() && self.open.len() <= DEPTH;
        let element = if is_shown { self.element(name, tag) } else { None };
        self.open.push(Open { name, element, nodes: Vec::new() });
    }

    fn end(&mut self) {
        let Some(Open { element, nodes, .. }) = self.open.pop() else { return };
        match element {
            Some(mut element) => {
                element.add_children(nodes);
                self.add(element.into());
            }
            None => nodes.into_iter().for_each(|node| self.add(node)),
        }
    }

    fn add(&mut self, node: Html) {
        if let Some(open) = self.open.last_mut() {
            open.nodes.push(node);
        }
    }

    fn is_in(&self, names: &[&str]) -> bool {
        self.open.iter().any(|open| names.contains(&open.name))
    }

    /// Element for a tag; empty for a tag that only hands on its content.
    fn name(&mut self, tag: &Tag<'_>) -> &'static str {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => "p",
            Tag::Heading { level, .. } => {
                self.level = (*level as u8 + 2).min(self.level + 1).min(6);
                ["h3", "h4", "h5", "h6"][usize::from(self.level) - 3]
            }
            Tag::BlockQuote(_) => "blockquote",
            Tag::CodeBlock(_) => "pre",
            Tag::List(None) => "ul",
            Tag::List(Some(_)) => "ol",
            Tag::Item => "li",
            Tag::Table(_) => "table",
            Tag::TableHead => "thead",
            Tag::TableRow => "tr",
            Tag::TableCell if self.is_in(&["thead"]) => "th",
            Tag::TableCell => "td",
            Tag::Emphasis => "em",
            Tag::Strong => "strong",
            Tag::Strikethrough => "s",
            Tag::Link { .. } => "a",
            // A picture would be fetched from elsewhere by everyone who reads: its words lead to it instead.
            Tag::Image { .. } if !self.is_in(&["a"]) => "a",
            _ => "",
        }
    }

    fn element(&self, name: &'static str, tag: &Tag<'_>) -> Option<VTag> {
        let mut element = VTag::new(if name == "thead" { "tr" } else { name });
        match tag {
            Tag::Heading { level, .. } => element.add_attribute("data-level", (*level as u8).to_string()),
            Tag::List(Some(first)) => element.add_attribute("start", first.to_string()),
            Tag::TableCell if name == "th" => element.add_attribute("scope", "col"),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => return link(dest_url),
            _ => {}
        }
        Some(element)
    }
}

fn link(address: &str) -> Option<VTag> {
    is_safe(address).then(|| {
        let mut link = VTag::new("a");
        link.add_attribute("href", address.to_owned());
        link.add_attribute("target", "_blank");
        link.add_attribute("rel", "noopener noreferrer");
        link
    })
}

/// Adds a text in which addresses are links.
fn with_links(mut text: &str, mut add: impl FnMut(Html)) {
    let plain = |text: &str| html! { { text.to_owned() } };
    while let Some(start) = ["http://", "https://"].iter().filter_map(|scheme| text.find(scheme)).min() {
        let (before, rest) = text.split_at(start);
        let end = rest.find(|c: char| c.is_whitespace() || "<>\"".contains(c)).unwrap_or(rest.len());
        let address = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
        add(plain(before));
        add(
            html! { <a href={address.to_owned()} target="_blank" rel="noopener noreferrer">{ address.to_owned() }</a> },
        );
        text = &rest[address.len()..];
    }
    add(plain(text));
}

/// Label of a task: the text of its line.
fn label<'a>(events: impl Iterator<Item = &'a Event<'a>>) -> String {
    let line = events.take_while(|event| {
        !matches!(
            event,
            Event::SoftBreak
                | Event::HardBreak
                | Event::Start(Tag::List(_))
                | Event::End(TagEnd::Item | TagEnd::Paragraph)
        )
    });
    line.filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(&**text),
        _ => None,
    })
    .collect()
}

fn task(label: String, is_done: bool, on_task: Option<(&Callback<usize>, usize)>) -> Html {
    let disabled = on_task.is_none();
    let onchange = on_task.map(|(on_task, at)| on_task.reform(move |_: web_sys::Event| at));
    html! { <input type="checkbox" class="task" aria-label={label} checked={is_done} {disabled} {onchange} /> }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn an_address_that_could_run_something_is_no_link() {
        for safe in ["https://a.example/b", "HTTP://a.example", "mailto:ann@a.example"] {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_ in
            ["javascript:alert(1)", "data:text/html,x", " https://a.example", "//a.example", "file:///etc", "é"]
        {
            assert!(!is_safe(unsafe_), "{unsafe_}");
        }
    }

    #[test]
    fn ticking_a_box_changes_these_three_characters() {
        let text = "- [ ] one\n- [x] two";
        assert_eq!(with_task_toggled(text, 2).as_deref(), Some("- [x] one\n- [x] two"));
        assert_eq!(with_task_toggled(text, 12).as_deref(), Some("- [ ] one\n- [ ] two"));
        for nowhere in [0, 3, 18, 19, 100] {
            assert_eq!(with_task_toggled(text, nowhere), None, "{nowhere}");
        }
    }
}
