use tideboard_client::entities::Download;
use tideboard_shared::EntityId;
use tideboard_ui::widgets::{DownloadAct, Downloads};
use yew::prelude::*;

use super::{Panel, WidgetProps};
use crate::dashboard::context::use_page;
use crate::downloads::use_download_runner;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct DownloadsPanelProps {
    #[prop_or_else(|| EntityId::from("downloads"))]
    pub(crate) id: EntityId,
    #[prop_or(AttrValue::Static("Downloads"))]
    pub(crate) title: AttrValue,
    #[prop_or_default]
    pub(crate) menu: Html,
}

/// The board's downloads as a widget.
#[component]
pub(super) fn DownloadsWidget(props: &WidgetProps) -> Html {
    html! { <DownloadsPanel id={props.item.id.clone()} title={props.title()} menu={props.menu.clone()} /> }
}

/// All entities of kind `download`, as they are: of the past there is nothing left to fetch.
#[component]
pub(crate) fn DownloadsPanel(props: &DownloadsPanelProps) -> Html {
    let page = use_page();
    let runner = use_download_runner();
    let rows = runner.rows();
    let on_add = use_callback(runner.clone(), |download: Download, runner| {
        runner.add(&download);
    });
    let on_act = use_callback(runner, |(id, act): (EntityId, DownloadAct), runner| runner.act(id, act));
    html! {
        <Panel id={props.id.clone()} title={props.title.clone()} menu={props.menu.clone()}>
            <Downloads {rows} {on_add} {on_act} is_disabled={!page.is_editable} />
        </Panel>
    }
}
