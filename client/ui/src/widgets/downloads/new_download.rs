use tideboard_client::entities::Download;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::components::Icon;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct NewDownloadProps {
    pub(super) on_add: Callback<Download>,
}

/// The last line: the address of a file.
#[component]
pub(super) fn NewDownload(props: &NewDownloadProps) -> Html {
    let address = use_node_ref();
    let problem = use_state_eq(|| "");
    let onsubmit = {
        let address = address.clone();
        let problem = problem.setter();
        let on_add = props.on_add.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(input) = address.cast::<HtmlInputElement>() else { return };
            match download(&input.value()) {
                Ok(download) => {
                    on_add.emit(download);
                    input.set_value("");
                    problem.set("");
                }
                Err(words) => problem.set(words),
            }
        })
    };
    html! {
        <form class="content-form" {onsubmit} aria-label="Add a download" novalidate={true}>
            <input ref={address} class="field" aria-label="Address of the file" placeholder="https://… or /path/of/a/file" autocomplete="off"
                inputmode="url" maxlength="2000" aria-invalid={(!problem.is_empty()).to_string()} />
            <button type="submit">{ Html::from(Icon::Download) }{ "Download" }</button>
            <p class="form-problem" role="alert">{ *problem }</p>
        </form>
    }
}

/// Download of a typed address, named as its file is.
fn download(address: &str) -> Result<Download, &'static str> {
    let url = address.trim();
    if url.is_empty() {
        return Err("Give the address of a file.");
    }
    if url.contains(char::is_whitespace) {
        return Err("An address has no spaces; write %20 instead.");
    }
    let rest = match url.split_once("://") {
        Some(("http" | "https", rest)) if !rest.starts_with('/') && !rest.is_empty() => rest,
        None if url.starts_with('/') && !url.starts_with("//") => url,
        _ => return Err("An address begins with https://, http:// or, on this server, with /."),
    };
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(url);
    Ok(Download { name: name.to_owned(), url: url.to_owned(), ..Download::default() })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::download;

    #[test]
    fn a_download_is_called_as_its_file() {
        let cases = [
            ("https://a.example/b/report.pdf?v=2#top", "report.pdf"),
            ("/files/report.pdf", "report.pdf"),
            ("https://a.example/", "a.example"),
            (" /files/ ", "files"),
        ];
        for (address, name) in cases {
            assert_eq!(download(address).unwrap().name, name, "{address}");
        }
    }

    #[test]
    fn what_cannot_be_fetched_is_refused_with_what_to_type_instead() {
        for address in [
            "",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "//a.example/b",
            "https://",
            "https:///a",
            "a.example/b",
            "/a b",
        ] {
            assert!(download(address).is_err(), "{address:?}");
        }
    }
}
