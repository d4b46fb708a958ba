use tideboard_shared::topics;
use tideboard_ui::{components::Icon, layout::Size, widgets::WidgetKind};

use crate::widget::{Source, Top, ValueUnit, Widget};

/// Sentence about a kind, for the picker.
pub(super) fn about(kind: WidgetKind) -> &'static str {
    match kind {
        WidgetKind::Stat => "A stream's latest value with its last minute.",
        WidgetKind::TimeSeries => "Up to eight streams as lines, with crosshair and table.",
        WidgetKind::Gauge => "A stream's latest value on a scale.",
        WidgetKind::Orders => "Sort, filter and edit the board's orders.",
        WidgetKind::Favorites => "What people want to find again.",
        WidgetKind::Downloads => "Files on their way, with their progress.",
        WidgetKind::Note => "A text in Markdown that everyone can edit.",
        WidgetKind::Activity => "Who changed what, as it happens.",
        WidgetKind::People => "Who is on the board and where.",
        WidgetKind::Counter => "A number that everyone can raise and lower.",
    }
}

pub(super) fn icon_of(kind: WidgetKind) -> Icon {
    match kind {
        WidgetKind::Stat => Icon::Bolt,
        WidgetKind::TimeSeries => Icon::Chart,
        WidgetKind::Gauge => Icon::Gauge,
        WidgetKind::Orders => Icon::Table,
        WidgetKind::Favorites => Icon::Star,
        WidgetKind::Downloads => Icon::Download,
        WidgetKind::Note => Icon::Note,
        WidgetKind::Activity => Icon::Activity,
        WidgetKind::People => Icon::People,
        WidgetKind::Counter => Icon::Plus,
    }
}

/// A widget that shows something at once.
pub(super) fn new_widget(kind: WidgetKind) -> Widget {
    let cpu = || vec![Source { topic: topics::HOST_CPU.to_owned(), label: "Processor".to_owned() }];
    let (w, h) = match kind {
        WidgetKind::Stat | WidgetKind::Counter => (3, 2),
        WidgetKind::Gauge => (3, 3),
        WidgetKind::TimeSeries | WidgetKind::Note | WidgetKind::People | WidgetKind::Favorites => (4, 4),
        WidgetKind::Downloads | WidgetKind::Activity => (4, 5),
        WidgetKind::Orders => (12, 6),
    };
    let widget = Widget { kind, size: Size { w, h }, ..Widget::default() };
    match kind {
        WidgetKind::Stat | WidgetKind::TimeSeries | WidgetKind::Gauge => Widget {
            title: "Processor".to_owned(),
            sources: cpu(),
            unit: ValueUnit::Ratio,
            top: Some(Top::Value(1.0)),
            ..widget
        },
        _ => widget,
    }
}
