use serde::{Deserialize, Serialize};
use tideboard_shared::Kind;
use tideboard_ui::{
    layout::{Place, Size},
    widgets::WidgetKind,
};

/// The fields of an entity of kind `widget`: one panel of a board, with what it shows and where it is.
///
/// Which fields count depends on `type`. Two people who change different fields of one widget do not conflict.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Widget {
    /// Kind of content.
    #[serde(rename = "type")]
    pub(crate) kind: WidgetKind,
    /// Heading; the kind's label when empty.
    pub(crate) title: String,
    /// Place among the others.
    pub(crate) place: Place,
    /// Room on the grid.
    pub(crate) size: Size,
    /// The streams it shows: the first of them alone in a `stat` and a `gauge`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) sources: Vec<Source>,
    /// Unit of the streams' values.
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) unit: ValueUnit,
    /// End of the scale; by the data when absent. A `gauge` without one ends at 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) top: Option<Top>,
    /// Time that a `time_series` shows, seconds. Default 300.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) window_s: Option<u32>,
    /// Text of a `note`, in Markdown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) text: String,
    /// Value of a `counter`.
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) count: f64,
}

impl Kind for Widget {
    const NAME: &'static str = "widget";
}

/// A stream that a widget shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Source {
    /// Topic of the stream, such as `host.cpu`.
    pub(crate) topic: String,
    /// Name in the legend; the topic when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) label: String,
}

/// Unit of a widget's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ValueUnit {
    /// Bare numbers.
    #[default]
    Plain,
    /// Shares of one.
    Ratio,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Milliseconds.
    Milliseconds,
}

impl ValueUnit {
    /// All, the plain one first.
    pub(crate) const ALL: [Self; 5] = [Self::Plain, Self::Ratio, Self::Bytes, Self::BytesPerSecond, Self::Milliseconds];

    /// Value in the entity's field.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Ratio => "ratio",
            Self::Bytes => "bytes",
            Self::BytesPerSecond => "bytes_per_second",
            Self::Milliseconds => "milliseconds",
        }
    }

    /// Value for people.
    #[must_use]
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Plain => "Numbers",
            Self::Ratio => "Percent",
            Self::Bytes => "Bytes",
            Self::BytesPerSecond => "Bytes a second",
            Self::Milliseconds => "Milliseconds",
        }
    }
}

/// End of a scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Top {
    /// Always there.
    Value(f64),
    /// Latest value of this stream, such as `host.memory_total`.
    Topic(String),
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_widget_reads_what_it_wrote_and_does_not_mind_what_is_missing() {
        let fields = json!({
            "type": "time_series", "title": "CPU", "place": {"x": 4, "rank": 2.5}, "size": {"w": 4, "h": 4},
            "sources": [{"topic": "host.cpu", "label": "Busy"}], "unit": "ratio", "top": 1.0, "window_s": 900,
        });
        let widget: Widget = serde_json::from_value(fields.clone()).unwrap();
        assert_eq!((widget.kind, widget.top.clone()), (WidgetKind::TimeSeries, Some(Top::Value(1.0))));
        assert_eq!(serde_json::to_value(&widget).unwrap(), fields);
        let bare: Widget = serde_json::from_value(json!({"type": "counter"})).unwrap();
        assert_eq!((bare.kind, bare.size, bare.count), (WidgetKind::Counter, Size { w: 4, h: 4 }, 0.0));
    }
}
