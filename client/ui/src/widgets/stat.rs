use std::time::Duration;

use tideboard_client::Feed;
use yew::prelude::*;

use super::{Level, Sparkline};

/// Properties of [`Stat`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct StatProps {
    /// Name of the number. Without it the number has no panel of its own, because it is in a frame that says so.
    #[prop_or_default]
    pub title: Option<AttrValue>,
    /// The number with its unit; a placeholder of the same size while absent.
    pub value: Option<AttrValue>,
    /// A few words below it.
    #[prop_or_default]
    pub caption: Option<AttrValue>,
    /// Recent past of the number, as a line.
    #[prop_or_default]
    pub feed: Option<Feed>,
    /// The value at the line's upper edge; by the data when absent.
    #[prop_or_default]
    pub top: Option<f64>,
    /// Time that the line shows. Default 1 min.
    #[prop_or(Duration::from_secs(60))]
    pub window: Duration,
    /// Fullness, 0 to 1, as a bar.
    #[prop_or_default]
    pub fill: Option<f64>,
    /// Says that the value is no longer live.
    #[prop_or_default]
    pub is_stale: bool,
}

/// Big number with a line or a bar. Fills its place, whatever its size: beside each other where it is wide, else below.
#[component]
pub fn Stat(props: &StatProps) -> Html {
    let StatProps { title, value, caption, feed, top, window, fill, is_stale } = props;
    let number = html! {
        <div class={classes!("stat", is_stale.then_some("is-stale"))}>
            <div class="stat-box" data-has-graph={(feed.is_some() || fill.is_some()).to_string()}>
                <div class="stat-text">
                    <p class="stat-value">
                        if let Some(value) = value { { value } } else { <span class="skeleton skeleton-number">{ "\u{a0}" }</span> }
                    </p>
                    <p class="stat-caption">{ if *is_stale { Some("Not live".into()) } else { caption.clone() } }</p>
                </div>
                if let Some(feed) = feed {
                    <Sparkline feed={feed.clone()} top={*top} window={*window} />
                } else if let Some(fill) = fill {
                    <div class="stat-bar" aria-hidden="true">
                        <span data-level={Level::of_share(*fill).name()} style={format!("inline-size:{:.1}%", share(*fill))} />
                    </div>
                }
            </div>
        </div>
    };
    let Some(title) = title else { return number };
    html! {
        <article class="panel stat-panel" aria-label={title.clone()}>
            <h2 class="stat-title">{ title }</h2>
            { number }
        </article>
    }
}

/// A share as a percentage from 0 to 100.
fn share(fill: f64) -> f64 {
    if fill.is_finite() { fill.clamp(0.0, 1.0) * 100.0 } else { 0.0 }
}
