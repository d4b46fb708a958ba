//! Form for a widget's content: chosen when it is added, and changed later. Every change is an edit of its own, seen by
//! all at once.

use std::rc::Rc;

use serde_json::{Value, json};
use tideboard_client::hooks::CollectionItem;
use tideboard_shared::{Action, EntityId, Topic};
use tideboard_ui::{
    components::{Dialog, Icon, IconButton, SelectField, TextEdit, TextField},
    layout::{self, Item, Size},
    widgets::WidgetKind,
};
use yew::prelude::*;

use super::context::use_careful_edit;
use crate::widget::{Source, Top, ValueUnit, Widget};

mod kinds;
mod known;

use kinds::{about, icon_of, new_widget};
use known::{KNOWN, KnownStream, WINDOWS, known};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct WidgetPickerProps {
    /// The widgets that are there.
    pub(crate) others: Rc<[Item]>,
    /// Called with the widget that was added, if there is more to choose of it.
    pub(crate) on_close: Callback<Option<EntityId>>,
}

/// Dialog that offers the kinds of widget.
#[component]
pub(crate) fn WidgetPicker(props: &WidgetPickerProps) -> Html {
    let WidgetPickerProps { others, on_close } = props;
    let edit = use_careful_edit();
    let choice = |kind: WidgetKind| {
        let edit = edit.clone();
        let others = Rc::clone(others);
        let on_close = on_close.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            let mut widget = new_widget(kind);
            widget.place = layout::place_at_end(&others, widget.size);
            let (id, _) = edit.create(&widget);
            let has_settings = matches!(kind, WidgetKind::Stat | WidgetKind::TimeSeries | WidgetKind::Gauge);
            on_close.emit(has_settings.then_some(id));
        });
        html! {
            <li>
                <button type="button" class="picker-choice" {onclick}>
                    { Html::from(icon_of(kind)) }
                    <span><strong>{ kind.label() }</strong><br /><span class="muted">{ about(kind) }</span></span>
                </button>
            </li>
        }
    };
    html! {
        <Dialog title="Add a widget" class="picker" on_close={on_close.reform(|()| None)}>
            <ul class="picker-list">{ for WidgetKind::ALL.into_iter().map(choice) }</ul>
        </Dialog>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct WidgetFormProps {
    pub(crate) item: CollectionItem<Widget>,
    pub(crate) on_close: Callback<()>,
}

/// Dialog that changes a widget.
#[component]
pub(crate) fn WidgetForm(props: &WidgetFormProps) -> Html {
    let WidgetFormProps { item, on_close } = props;
    let edit = use_careful_edit();
    let widget = &item.value;
    let patch = {
        let id = item.id.clone();
        let seen = item.seen;
        Callback::from(move |fields: Vec<(&'static str, Value)>| {
            edit.apply_since(seen, id.clone(), Action::set(fields));
        })
    };
    let on_title = patch.reform(|edit: TextEdit| vec![("title", edit.text.into())]);
    let on_size = |set: fn(&mut Size, u8)| {
        let size = widget.size;
        patch.reform(move |value: AttrValue| {
            let mut size = size;
            if let Ok(value) = value.parse() {
                set(&mut size, value);
            }
            vec![("size", json!(size))]
        })
    };
    let has_streams = matches!(widget.kind, WidgetKind::Stat | WidgetKind::TimeSeries | WidgetKind::Gauge);
    html! {
        <Dialog title={format!("Configure {}", widget.kind.label())} class="widget-form" on_close={on_close.clone()}
            footer={html! { <button type="button" class="button-primary" onclick={on_close.reform(|_| ())}>{ "Done" }</button> }}>
            <div class="form-line">
                <span aria-hidden="true">{ "Title" }</span>
                <TextField label="Title of the widget" value={widget.title.clone()} placeholder={widget.kind.label()}
                    seen={item.seen} on_commit={on_title} />
            </div>
            if has_streams { <StreamFields item={item.clone()} patch={patch.clone()} /> }
            <div class="form-line">
                <span aria-hidden="true">{ "Width" }</span>
                <SelectField label="Width, columns" value={widget.size.w.to_string()} options={numbers(12)}
                    on_change={on_size(|size, w| size.w = w)} />
                <span aria-hidden="true">{ "Height" }</span>
                <SelectField label="Height, rows" value={widget.size.h.to_string()} options={numbers(12)}
                    on_change={on_size(|size, h| size.h = h)} />
            </div>
        </Dialog>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct StreamFieldsProps {
    item: CollectionItem<Widget>,
    patch: Callback<Vec<(&'static str, Value)>>,
}

/// Fields for a widget's streams and the unit of their values.
#[component]
fn StreamFields(props: &StreamFieldsProps) -> Html {
    let StreamFieldsProps { item, patch } = props;
    let widget = &item.value;
    let is_chart = widget.kind == WidgetKind::TimeSeries;
    let shown = if is_chart { widget.sources.len() } else { 1 };
    let units = ValueUnit::ALL.map(|unit| (AttrValue::from(unit.name()), AttrValue::from(unit.label())));
    let on_unit = patch.reform(|unit: AttrValue| vec![("unit", unit.to_string().into())]);
    let on_top = patch.reform(|edit: TextEdit| vec![("top", top_of(&edit.text))]);
    let on_window = patch.reform(|seconds: AttrValue| vec![("window_s", json!(seconds.parse::<u32>().unwrap_or(300)))]);
    let add = {
        let sources = widget.sources.clone();
        patch.reform(move |_: MouseEvent| {
            let mut sources = sources.clone();
            sources.push(Source { topic: KNOWN[0].topic.to_owned(), ..Source::default() });
            vec![("sources", json!(sources))]
        })
    };
    let top = match &widget.top {
        Some(Top::Value(value)) => value.to_string(),
        Some(Top::Topic(topic)) => topic.clone(),
        None => String::new(),
    };
    html! {
        <>
            { for (0..shown.max(1)).map(|index| html! {
                <SourceFields key={index} item={item.clone()} {index} patch={patch.clone()} />
            }) }
            if is_chart {
                <button type="button" onclick={add} disabled={widget.sources.len() >= 8}>
                    { Html::from(Icon::Plus) }{ "Another stream" }
                </button>
            }
            <div class="form-line">
                <span aria-hidden="true">{ "Values are" }</span>
                <SelectField label="Unit" value={widget.unit.name()} options={units.to_vec()} on_change={on_unit} />
                <span aria-hidden="true">{ "Scale ends at" }</span>
                <TextField label="End of the scale" value={top} placeholder="by the data" seen={item.seen} on_commit={on_top} />
            </div>
            if is_chart {
                <div class="form-line">
                    <span aria-hidden="true">{ "Shows the last" }</span>
                    <SelectField label="Window" value={widget.window_s.unwrap_or(300).to_string()}
                        options={WINDOWS.map(|(seconds, words)| (seconds.to_string().into(), words.into())).to_vec()}
                        on_change={on_window} />
                </div>
            }
        </>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct SourceFieldsProps {
    item: CollectionItem<Widget>,
    index: usize,
    patch: Callback<Vec<(&'static str, Value)>>,
}

/// Fields for one stream of a widget.
#[component]
fn SourceFields(props: &SourceFieldsProps) -> Html {
    let SourceFieldsProps { item, index, patch } = props;
    let widget = &item.value;
    let index = *index;
    let source = widget.sources.get(index).cloned().unwrap_or_default();
    let change = |with: fn(&mut Source, String)| {
        let sources = widget.sources.clone();
        move |text: String| {
            let mut sources = sources.clone();
            sources.resize(sources.len().max(index + 1), Source::default());
            with(&mut sources[index], text);
            json!(sources)
        }
    };
    let on_topic = {
        let set = change(follow);
        let has_unit = index > 0;
        patch.reform(move |topic: String| {
            let stream = known(&topic).filter(|_| !has_unit);
            let mut fields = vec![("sources", set(topic))];
            if let Some(KnownStream { unit, top, .. }) = stream {
                fields.push(("unit", json!(unit)));
                fields.push(("top", top.map_or(Value::Null, top_of)));
            }
            fields
        })
    };
    let options = options(&source.topic);
    let on_label = patch.reform({
        let set = change(|source, text| source.label = text);
        move |edit: TextEdit| vec![("sources", set(edit.text))]
    });
    let remove = {
        let sources = widget.sources.clone();
        patch.reform(move |_: MouseEvent| {
            let mut sources = sources.clone();
            sources.remove(index);
            vec![("sources", json!(sources))]
        })
    };
    let is_name = source.topic.is_empty() || source.topic.parse::<Topic>().is_ok();
    html! {
        <div class="form-line source-line" role="group" aria-label={format!("Stream {}", index + 1)}>
            <SelectField label="Stream" value={source.topic.clone()} {options} on_change={on_topic.reform(|topic: AttrValue| topic.to_string())} />
            <TextField label="Name of another stream" value={source.topic.clone()} placeholder="or its name" seen={item.seen}
                on_commit={on_topic.reform(|edit: TextEdit| edit.text)} />
            if widget.kind == WidgetKind::TimeSeries {
                <TextField label="Label in the legend" value={source.label} placeholder="label" seen={item.seen} on_commit={on_label} />
                <IconButton icon={Icon::Trash} label="Remove the stream" onclick={remove} />
            }
            if !is_name { <p class="form-error" role="alert">{ "A stream's name has no '/' and no '*'." }</p> }
        </div>
    }
}

/// Turns a source to another stream.
fn follow(source: &mut Source, topic: String) {
    // A label that was never typed was the old stream's.
    let was_known = known(&source.topic).is_some_and(|stream| stream.label == source.label);
    if source.label.is_empty() || was_known {
        source.label = known(&topic).map_or_else(String::new, |stream| stream.label.to_owned());
    }
    source.topic = topic;
}

/// Streams to choose from, and the chosen one where it is another.
fn options(chosen: &str) -> Vec<(AttrValue, AttrValue)> {
    let mut options: Vec<(AttrValue, AttrValue)> = KNOWN
        .iter()
        .map(|stream| (stream.topic.into(), format!("{} ({})", stream.label, stream.topic).into()))
        .collect();
    if known(chosen).is_none() {
        let words = if chosen.is_empty() { "Choose a stream" } else { chosen };
        options.insert(0, (chosen.to_owned().into(), words.to_owned().into()));
    }
    options
}

/// A number, or the topic that says it; nothing for a scale by the data.
fn top_of(text: &str) -> Value {
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => value.into(),
        _ if text.is_empty() => Value::Null,
        _ => text.into(),
    }
}

fn numbers(most: u8) -> Vec<(AttrValue, AttrValue)> {
    (1..=most).map(|number| (number.to_string().into(), number.to_string().into())).collect()
}
