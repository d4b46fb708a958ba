use std::f64::consts::TAU;

use yew::prelude::*;

use super::Level;
use crate::format::Unit;

/// The arc's radius, in the drawing's units; its middle is at 60, 60.
const RADIUS: f64 = 48.0;
/// The thresholds' band outside of the arc.
const BAND: f64 = 56.5;
/// Start and length of the arc, in turns clockwise from the right.
const START: f64 = 150.0 / 360.0;
const EXTENT: f64 = 240.0 / 360.0;

/// Properties of [`Gauge`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct GaugeProps {
    /// Name of the measure.
    pub title: AttrValue,
    /// The value; a placeholder of the same size while absent.
    pub value: Option<f64>,
    /// Unit of the value.
    #[prop_or_default]
    pub unit: Unit,
    /// Start of the scale. Default 0.
    #[prop_or_default]
    pub bottom: f64,
    /// End of the scale. Default 1.
    #[prop_or(1.0)]
    pub top: f64,
    /// From this value on it is a warning.
    #[prop_or_default]
    pub warning: Option<f64>,
    /// From this value on it is critical. Below `warning`: down from both.
    #[prop_or_default]
    pub critical: Option<f64>,
    /// A few words below it, such as `of 16 GiB`.
    #[prop_or_default]
    pub caption: Option<AttrValue>,
    /// Says that the value is no longer live.
    #[prop_or_default]
    pub is_stale: bool,
}

impl GaugeProps {
    /// Place of a value on the scale, 0 to 1.
    fn share(&self, value: f64) -> f64 {
        let share = (value - self.bottom) / (self.top - self.bottom);
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }

    fn has_thresholds(&self) -> bool {
        self.warning.is_some() || self.critical.is_some()
    }

    /// The thresholds' stretches of the scale, with where each starts and ends, 0 to 1.
    fn bands(&self) -> Vec<(Level, f64, f64)> {
        let mut borders: Vec<f64> =
            [self.warning, self.critical].into_iter().flatten().map(|value| self.share(value)).collect();
        borders.extend([0.0, 1.0]);
        borders.sort_by(f64::total_cmp);
        let level_between = |from: f64, to: f64| {
            let middle = self.bottom + f64::midpoint(from, to) * (self.top - self.bottom);
            Level::of(middle, self.warning, self.critical)
        };
        borders.windows(2).filter(|pair| pair[0] < pair[1]).map(|p| (level_between(p[0], p[1]), p[0], p[1])).collect()
    }
}

/// Number on a scale with thresholds: an arc, its value in the middle, its level in words. Fills its place.
#[component]
pub fn Gauge(props: &GaugeProps) -> Html {
    let value = props.value.filter(|value| value.is_finite());
    let level = value.map_or(Level::Fine, |value| Level::of(value, props.warning, props.critical));
    let words = value.map_or_else(|| "–".to_owned(), |value| props.unit.format(value));
    let state = if props.is_stale {
        Some("Not live")
    } else if value.is_some() && props.has_thresholds() {
        Some(level.label())
    } else {
        None
    };
    let told = [Some(words.as_str()), props.caption.as_deref(), state].into_iter().flatten();
    let told = told.collect::<Vec<_>>().join(", ");
    let bands = if props.has_thresholds() { props.bands() } else { Vec::new() };
    let is_long = words.chars().count() > 6;
    html! {
        <div class={classes!("gauge", props.is_stale.then_some("is-stale"))} role="meter" aria-label={props.title.clone()}
            aria-valuemin={props.bottom.to_string()} aria-valuemax={props.top.to_string()}
            aria-valuenow={value.unwrap_or(props.bottom).to_string()} aria-valuetext={told} data-level={level.name()}>
            <svg viewBox="0 0 120 101" aria-hidden="true" focusable="false">
                <path class="gauge-scale" d={arc(RADIUS, 0.0, 1.0)} />
                if let Some(value) = value {
                    <path class="gauge-value" d={arc(RADIUS, 0.0, 1.0)} pathLength="100"
                        stroke-dasharray={format!("{:.2} 200", props.share(value) * 100.0)} />
                }
                { for bands.into_iter().map(|(level, from, to)| html! {
                    <path class="gauge-band" data-level={level.name()} d={arc(BAND, from, to)} />
                }) }
                { for [props.warning, props.critical].into_iter().flatten().map(|at| tick(props.share(at))) }
                if value.is_some() || props.is_stale {
                    <text class="gauge-number" data-is-long={is_long.to_string()} x="60" y="64">{ words }</text>
                } else {
                    <rect class="gauge-skeleton skeleton" x="36" y="47" width="48" height="18" rx="3" />
                }
                <text class="gauge-caption" x="60" y="78">{ props.caption.clone() }</text>
                <text class="gauge-state" x="60" y="93">{ symbol(props, value, level) }{ state }</text>
                <text class="gauge-end" x={end(START)} y="99">{ short(props, props.bottom) }</text>
                <text class="gauge-end" x={end(START + EXTENT)} y="99">{ short(props, props.top) }</text>
            </svg>
        </div>
    }
}

/// A sign of each level, for those who do not see its colour.
fn symbol(props: &GaugeProps, value: Option<f64>, level: Level) -> &'static str {
    match level {
        _ if value.is_none() || props.is_stale || !props.has_thresholds() => "",
        Level::Fine => "✓ ",
        Level::Warning => "▲ ",
        Level::Critical => "◆ ",
    }
}

/// The scale's ends, where there is room for them: with a long caption or level they would touch.
fn short(props: &GaugeProps, value: f64) -> String {
    let text = props.unit.format(value);
    if text.chars().count() <= 6 { text } else { String::new() }
}

/// The place on a circle, in turns clockwise from the right.
fn on(radius: f64, turn: f64) -> (f64, f64) {
    let angle = turn * TAU;
    (60.0 + radius * angle.cos(), 60.0 + radius * angle.sin())
}

/// Below the arc's end.
fn end(turn: f64) -> String {
    format!("{:.1}", on(RADIUS, turn).0)
}

/// A stretch of the scale, from a share of it to another.
fn arc(radius: f64, from: f64, to: f64) -> String {
    let ((x1, y1), (x2, y2)) = (on(radius, START + EXTENT * from), on(radius, START + EXTENT * to));
    let is_large = u8::from(EXTENT * (to - from) > 0.5);
    format!("M{x1:.2} {y1:.2}A{radius} {radius} 0 {is_large} 1 {x2:.2} {y2:.2}")
}

/// A line across arc and band where a threshold is.
fn tick(share: f64) -> Html {
    let turn = START + EXTENT * share;
    let ((x1, y1), (x2, y2)) = (on(RADIUS - 6.0, turn), on(BAND + 2.5, turn));
    html! { <path class="gauge-tick" d={format!("M{x1:.2} {y1:.2}L{x2:.2} {y2:.2}")} /> }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn gauge(warning: Option<f64>, critical: Option<f64>) -> GaugeProps {
        yew::props!(GaugeProps { title: "Disk", value: Some(0.5), bottom: 0.0, top: 200.0, warning, critical })
    }

    #[test]
    fn a_scale_is_divided_by_its_thresholds() {
        use Level::{Critical, Fine, Warning};
        assert_eq!(
            gauge(Some(100.0), Some(150.0)).bands(),
            [(Fine, 0.0, 0.5), (Warning, 0.5, 0.75), (Critical, 0.75, 1.0)]
        );
        assert_eq!(
            gauge(Some(50.0), Some(20.0)).bands(),
            [(Critical, 0.0, 0.1), (Warning, 0.1, 0.25), (Fine, 0.25, 1.0)]
        );
        assert_eq!(gauge(Some(300.0), None).bands(), [(Fine, 0.0, 1.0)], "a threshold beyond the scale is at its end");
    }

    #[test]
    fn a_value_beyond_the_scale_is_at_its_end() {
        let gauge = gauge(None, None);
        assert_eq!([-5.0, 50.0, 900.0, f64::NAN].map(|value| gauge.share(value)), [0.0, 0.25, 1.0, 0.0]);
        assert_eq!(GaugeProps { top: 0.0, ..gauge }.share(3.0), 0.0);
    }
}
