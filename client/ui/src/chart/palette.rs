use gloo::utils::window;
use web_sys::{CssStyleDeclaration, HtmlCanvasElement};

/// Number of series colours that the style sheet defines; more series start over.
pub(crate) const SERIES_COLOURS: usize = 8;

/// Colours and font of a chart, from the style sheet's custom properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Palette {
    pub(super) grid: String,
    pub(super) label: String,
    pub(super) crosshair: String,
    pub(super) surface: String,
    pub(super) font: String,
    series: Vec<String>,
}

impl Palette {
    /// Reads the colours that apply to this canvas now. Read again when the theme changes.
    pub(super) fn of(canvas: &HtmlCanvasElement) -> Self {
        let style = window().get_computed_style(canvas).ok().flatten();
        let read = |name: &str| property(style.as_ref(), name);
        Self {
            grid: read("--chart-grid"),
            label: read("--chart-label"),
            crosshair: read("--chart-crosshair"),
            surface: read("--chart-surface"),
            font: format!("11px {}", read("font-family")),
            series: (1..=SERIES_COLOURS).map(|index| read(&format!("--chart-{index}"))).collect(),
        }
    }

    pub(super) fn series(&self, index: usize) -> &str {
        &self.series[index % SERIES_COLOURS]
    }
}

fn property(style: Option<&CssStyleDeclaration>, name: &str) -> String {
    style.and_then(|style| style.get_property_value(name).ok()).unwrap_or_default().trim().to_owned()
}
