//! Steps of an edit in the browser's console, through the provider and against the real server. A page has one subscriber
//! for trace lines, whose filter the first provider sets: so this test has a page of its own.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test ends there")]

use std::{cell::RefCell, rc::Rc};

use gloo::utils::{document, window};
use js_sys::{Promise, Reflect};
use tideboard_client::{
    Realtime, RealtimeProvider,
    hooks::{UseEditHandle, use_channel, use_edit},
};
use tideboard_engine::{BoardStatus, Config, EditEnd};
use tideboard_shared::{BoardId, Channel, Kind};
use wasm_bindgen::{JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use yew::prelude::*;

wasm_bindgen_test_configure!(run_in_browser);

#[derive(serde::Serialize, serde::Deserialize)]
struct Note {
    title: String,
}

impl Kind for Note {
    const NAME: &'static str = "note";
}

type Shared<T> = Rc<RefCell<T>>;

#[derive(PartialEq, Properties)]
struct EditorProps {
    editor: Callback<UseEditHandle>,
}

#[component]
fn Editor(props: &EditorProps) -> Html {
    use_channel(Channel::Board(board()).into());
    props.editor.emit(use_edit(board()));
    Html::default()
}

#[derive(PartialEq, Properties)]
struct PageProps {
    config: Config,
    on_initialized: Callback<Realtime>,
    editor: Callback<UseEditHandle>,
}

#[component]
fn Page(props: &PageProps) -> Html {
    let PageProps { config, on_initialized, editor } = props;
    html! {
        <RealtimeProvider url="ws://api.test/api/realtime" persistent={false} config={config.clone()} {on_initialized}>
            <Editor {editor} />
        </RealtimeProvider>
    }
}

fn board() -> BoardId {
    "main".parse().unwrap()
}

/// Lines that a method of the console is given, in place of the console; until dropped.
struct Captured {
    lines: Shared<Vec<String>>,
    console: JsValue,
    method: &'static str,
    original: JsValue,
    _capture: Closure<dyn Fn(String)>,
}

impl Captured {
    fn new(method: &'static str) -> Self {
        let lines: Shared<Vec<String>> = Rc::default();
        let console = Reflect::get(&window(), &"console".into()).unwrap();
        let original = Reflect::get(&console, &method.into()).unwrap();
        let capture = {
            let lines = Rc::clone(&lines);
            Closure::<dyn Fn(String)>::new(move |line| lines.borrow_mut().push(line))
        };
        Reflect::set(&console, &method.into(), capture.as_ref()).unwrap();
        Self { lines, console, method, original, _capture: capture }
    }

    /// Lines that have these words, oldest first.
    fn with(&self, words: &str) -> Vec<String> {
        self.lines.borrow().iter().filter(|line| line.contains(words)).cloned().collect()
    }
}

impl Drop for Captured {
    fn drop(&mut self) {
        Reflect::set(&self.console, &self.method.into(), &self.original).unwrap();
    }
}

fn into<T: 'static>(held: &Shared<Option<T>>) -> Callback<T> {
    let held = Rc::clone(held);
    Callback::from(move |value| {
        held.replace(Some(value));
    })
}

/// Looks at every frame until something is there.
async fn wait_for<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    for _ in 0..3_000 {
        if let Some(there) = look() {
            return there;
        }
        let frame = Promise::new(&mut |resolve, _| {
            window().request_animation_frame(&resolve).unwrap();
        });
        JsFuture::from(frame).await.unwrap();
    }
    panic!("waited in vain: {what}");
}

#[wasm_bindgen_test]
async fn each_step_of_an_edit_is_one_line_of_the_console_and_no_line_has_its_content() {
    let info = Captured::new("info");
    let warn = Captured::new("warn");
    let mut config = Config::default();
    config.logging.filter = "warn,tideboard_engine=info".parse().unwrap();
    let realtime: Shared<Option<Realtime>> = Rc::default();
    let editor: Shared<Option<UseEditHandle>> = Rc::default();
    let props = PageProps { config, on_initialized: into(&realtime), editor: into(&editor) };
    yew::Renderer::<Page>::with_root_and_props(document().create_element("div").unwrap(), props).render();
    let realtime = wait_for("the provider", || realtime.borrow().clone()).await;
    realtime.set_token("a-secret-token");
    let status = || realtime.read(|reader| Some(reader.board(&board())?.status));
    wait_for("the board", || (status() == Some(BoardStatus::Live)).then_some(())).await;

    let editor = editor.borrow().clone().unwrap();
    let (_, applied) = editor.create(&Note { title: "a-secret-title".to_owned() });
    assert!(matches!(applied.server.await, Some(EditEnd::Applied { .. })));
    let confirmed = wait_for("the last step", || info.with(": confirmed").pop()).await;

    let op = confirmed.split_whitespace().find(|word| word.starts_with("op=")).unwrap();
    let mut steps: Vec<_> = info.with(op).iter().map(|line| step(line)).collect();
    // The outcome and the event come in either order.
    steps.sort_by_key(|step| ["stored", "submitted", "confirmed", "decided"].iter().position(|name| name == step));
    assert_eq!(steps, ["stored", "submitted", "confirmed", "decided"], "{:?}", info.lines);
    let stored = info.with(": stored").pop().unwrap();
    let edit = stored.split_whitespace().find(|word| word.starts_with("edit=")).unwrap();
    assert_eq!(info.with(edit).iter().map(|line| step(line)).collect::<Vec<_>>(), ["edited", "stored"]);
    assert!(info.with("a-secret").is_empty(), "{:?}", info.lines);

    tracing::info!(target: "somebody_else", "not shown");
    tracing::warn!(target: "somebody_else", count = 3, "shown");
    assert!(info.with("not shown").is_empty());
    assert_eq!(warn.with("somebody_else"), ["somebody_else: shown count=3"]);
}

/// Words between a line's module and its fields.
fn step(line: &str) -> String {
    let words = line.split_once(": ").unwrap().1;
    words.split_whitespace().take_while(|word| !word.contains('=')).collect::<Vec<_>>().join(" ")
}
