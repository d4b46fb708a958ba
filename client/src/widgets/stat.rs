use yew::prelude::*;

use super::Sparkline;
use crate::Feed;

/// Properties of [`Stat`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct StatProps {
    /// What the number is.
    pub title: AttrValue,
    /// The number with its unit; a placeholder of the same size while absent.
    pub value: Option<AttrValue>,
    /// A few words below it.
    #[prop_or_default]
    pub caption: AttrValue,
    /// Its recent past, as a line.
    #[prop_or_default]
    pub feed: Option<Feed>,
    /// The value at the line's upper edge; by the data when absent.
    #[prop_or_default]
    pub top: Option<f64>,
    /// How full something is, 0 to 1, as a bar.
    #[prop_or_default]
    pub fill: Option<f64>,
    /// Says that the value is no longer live.
    #[prop_or_default]
    pub is_stale: bool,
}

/// One big number with a line or a bar.
#[component]
pub fn Stat(props: &StatProps) -> Html {
    let StatProps { title, value, caption, feed, top, fill, is_stale } = props;
    let class = classes!("panel", "stat", is_stale.then_some("is-stale"));
    html! {
        <section {class} aria-label={title.clone()}>
            <h2 class="stat-title">{ title }</h2>
            <p class="stat-value">
                if let Some(value) = value { { value } } else { <span class="skeleton skeleton-number">{ "\u{a0}" }</span> }
            </p>
            <p class="stat-caption">{ if *is_stale { "Not live".into() } else { caption.clone() } }</p>
            if let Some(feed) = feed {
                <Sparkline feed={feed.clone()} top={*top} />
            } else if let Some(fill) = fill {
                <div class="stat-bar" aria-hidden="true">
                    <span data-level={level(*fill)} style={format!("inline-size:{:.1}%", fill.clamp(0.0, 1.0) * 100.0)} />
                </div>
            }
        </section>
    }
}

/// How worrying it is that something is so full.
fn level(fill: f64) -> &'static str {
    match fill {
        f if f >= 0.95 => "critical",
        f if f >= 0.85 => "warning",
        _ => "fine",
    }
}
