//! Tour that greets a newcomer and asks for a name.

use web_sys::HtmlInputElement;
use yew::prelude::*;
use yew_hooks::use_local_storage;

use super::{Dialog, Icon};

/// Key in `localStorage` that is set once the tour was seen.
const STORAGE_KEY: &str = "tideboard.tour_seen";
/// Longest name, characters.
const NAME_CHARS: &str = "40";

/// Fact that a newcomer should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TourPoint {
    /// Icon above the title.
    pub icon: Icon,
    /// Feature, in a few words.
    pub title: AttrValue,
    /// Benefit of the feature.
    pub body: AttrValue,
}

impl TourPoint {
    /// Creates a point of the tour.
    #[must_use]
    pub fn new(icon: Icon, title: impl Into<AttrValue>, body: impl Into<AttrValue>) -> Self {
        Self { icon, title: title.into(), body: body.into() }
    }

    /// Returns the points that hold for every board.
    #[must_use]
    pub fn of_every_board() -> Vec<Self> {
        vec![
            Self::new(
                Icon::Activity,
                "Everything is live",
                "Numbers, orders and other people's edits arrive as they happen. Each widget says when what it shows \
                is old.",
            ),
            Self::new(
                Icon::Cloud,
                "Edits work offline",
                "What you change shows at once, is kept in this browser and is sent as soon as there is a network.",
            ),
            Self::new(
                Icon::Undo,
                "Nothing is lost by accident",
                "Undo any edit. If someone else changed the same thing, you see both and choose.",
            ),
            Self::new(
                Icon::Search,
                "Everything by its name",
                "Ctrl K (⌘ K) finds every board, widget and command. Press ? for all shortcuts.",
            ),
            Self::new(
                Icon::Share,
                "Work together",
                "Send the page's address: whoever opens it sees the same board, and you see who is there.",
            ),
        ]
    }
}

/// Properties of [`Tour`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TourProps {
    /// Called when the user closes the tour. The owner then no longer renders it.
    pub on_close: Callback<()>,
    /// Points to show. Default: [`TourPoint::of_every_board`].
    #[prop_or_else(TourPoint::of_every_board)]
    pub points: Vec<TourPoint>,
    /// Name by which others know the user now. Default: none.
    #[prop_or_default]
    pub name: Option<AttrValue>,
    /// Called with another name, before `on_close`. Without it, no name is asked for.
    #[prop_or_default]
    pub on_name: Option<Callback<AttrValue>>,
}

/// Dialog that greets a newcomer: the features, and the question for a name.
#[component]
pub fn Tour(props: &TourProps) -> Html {
    let TourProps { on_close, points, name, on_name } = props;
    let field = use_node_ref();
    // Set here rather than as an attribute, so that a render of the owner does not undo what is being typed.
    use_effect_with(name.clone(), {
        let field = field.clone();
        move |name: &Option<AttrValue>| {
            if let Some(field) = field.cast::<HtmlInputElement>() {
                field.set_value(name.as_deref().unwrap_or_default());
            }
        }
    });
    let onsubmit = {
        let on_close = on_close.clone();
        let on_name = on_name.clone();
        let name = name.clone();
        let field = field.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let wanted = field.cast::<HtmlInputElement>().map(|field| field.value().trim().to_owned());
            let wanted = wanted.filter(|wanted| !wanted.is_empty() && name.as_deref() != Some(wanted));
            if let (Some(on_name), Some(wanted)) = (&on_name, wanted) {
                on_name.emit(wanted.into());
            }
            on_close.emit(());
        })
    };
    let point = |point: &TourPoint| {
        html! {
            <li>
                <span class="tour-icon">{ Html::from(point.icon) }</span>
                <h3>{ &point.title }</h3>
                <p>{ &point.body }</p>
            </li>
        }
    };
    html! {
        <Dialog title="Welcome to Tideboard" class="tour" on_close={on_close.clone()}>
            <form {onsubmit}>
                <ul class="tour-points">{ for points.iter().map(point) }</ul>
                <div class="tour-end">
                    if on_name.is_some() {
                        <label class="tour-name">
                            <span>{ "How should others see you?" }</span>
                            <input ref={field} class="field" type="text" maxlength={NAME_CHARS} autocomplete="nickname"
                                placeholder="Your name" />
                        </label>
                    }
                    <button type="submit" class="button-primary" autofocus={on_name.is_none()}>{ "Start" }</button>
                </div>
            </form>
        </Dialog>
    }
}

/// State of the tour, with callbacks that open and close it.
#[derive(Debug, Clone, PartialEq)]
pub struct TourHandle {
    /// Open state: true at first, until the tour was closed once in this browser.
    pub is_open: bool,
    /// Opens the tour again, as from the help menu.
    pub open: Callback<()>,
    /// Closes the tour, and remembers that in this browser.
    pub close: Callback<()>,
}

/// Controls the newcomer's tour: open at the first visit, later on demand.
#[hook]
pub fn use_tour() -> TourHandle {
    let seen = use_local_storage::<bool>(STORAGE_KEY.to_owned());
    // A state besides the stored value, because the tour has to close in a browser without storage, too.
    let is_open = use_state_eq(|| !seen.unwrap_or_default());
    let open = {
        let is_open = is_open.setter();
        Callback::from(move |()| is_open.set(true))
    };
    let close = {
        let is_open = is_open.setter();
        Callback::from(move |()| {
            seen.set(true);
            is_open.set(false);
        })
    };
    TourHandle { is_open: *is_open, open, close }
}
