use std::rc::Rc;

use tideboard_shared::{Point, UnixMs};
use yew::prelude::*;
use yew_hooks::use_interval;

use crate::{
    chart::{Series, utc_offset_min},
    format::{Precision, Unit, clock},
    plot::nearest,
};

/// Number of moments that the table shows.
const ROWS: usize = 30;
/// Time between two readings, ms; oftener, nobody could read it.
const REFRESH_MS: u32 = 5_000;
/// Distance in time up to which values share a row, ms.
const SAME_MOMENT_MS: u64 = 1_500;

/// Properties of [`ValuesTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ValuesTableProps {
    /// Name of the table.
    pub title: AttrValue,
    /// A column each.
    pub series: Rc<[Series]>,
    /// Unit of the values.
    #[prop_or_default]
    pub unit: Unit,
}

/// The latest values of a chart's series as text, newest first.
#[component]
pub fn ValuesTable(props: &ValuesTableProps) -> Html {
    let refresh = use_force_update();
    use_interval(move || refresh.force_update(), REFRESH_MS);
    let columns: Vec<Vec<Point>> = props.series.iter().map(latest).collect();
    let moments = columns.iter().max_by_key(|points| points.len()).cloned().unwrap_or_default();
    let offset = utc_offset_min();
    html! {
        <div class="values-table" tabindex="0" role="group" aria-label={format!("{}, as a table", props.title)}>
            <table>
                <caption class="visually-hidden">{ format!("{}, latest values", props.title) }</caption>
                <thead>
                    <tr>
                        <th scope="col">{ "Time" }</th>
                        { for props.series.iter().map(|series| html! { <th scope="col">{ &series.label }</th> }) }
                    </tr>
                </thead>
                <tbody>
                    { for moments.iter().rev().take(ROWS).map(|moment| html! {
                        <tr key={moment.0.0}>
                            <th scope="row">{ clock(moment.0, offset, Precision::Seconds) }</th>
                            { for columns.iter().map(|points| html! { <td>{ cell(points, moment.0, props.unit) }</td> }) }
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}

fn latest(series: &Series) -> Vec<Point> {
    let mut points = Vec::new();
    series.feed.read(UnixMs(0), &mut points);
    points.drain(..points.len().saturating_sub(ROWS));
    points
}

fn cell(points: &[Point], at: UnixMs, unit: Unit) -> String {
    nearest(points, at)
        .filter(|point| point.0.0.abs_diff(at.0) <= SAME_MOMENT_MS)
        .map_or_else(|| "–".into(), |point| unit.format(point.1))
}
