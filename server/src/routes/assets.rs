//! The built app as files: compressed forms where the build left them, caching by name, `index.html` for the app's
//! routes.
//!
//! In: any address that is not under `/api`. Out: a file, the app's page, or a problem. `index.html` is read anew each
//! time, with a policy that allows just the inline scripts it has; so a new build shows without a restart.

use std::path::{Path, PathBuf};

use actix_files::Files;
use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{
            ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CROSS_ORIGIN_OPENER_POLICY, CROSS_ORIGIN_RESOURCE_POLICY,
            ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, PERMISSIONS_POLICY, REFERRER_POLICY, VARY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::{Next, from_fn},
    web::{self, Data, ServiceConfig},
};

use super::problem::Problem;
use crate::app::App;

mod policy;

/// A name with a hash in it never means anything else.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Any other file may change with the next build, so it is asked for each time and mostly answered by 304.
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");
/// Trunk's hashes are hexadecimal digits, at least so many; a shorter run of them may be a word.
const HASH_DIGITS: usize = 12;
const INDEX: &str = "index.html";
/// Devices of the user that no script of the page may ask for.
const NO_DEVICES: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

/// Adds the app's addresses: everything that is left.
pub(super) fn configure(config: &mut ServiceConfig, root: &Path) {
    let page = || web::route().to(index);
    let scope = web::scope("")
        .wrap(from_fn(add_headers))
        .service(web::resource("/").route(page()))
        .service(web::resource("/index.html").route(page()));
    // Without a folder there is nothing to serve files from, and its address must not become another one.
    let scope = if root.is_dir() {
        let files = Files::new("/", root).try_compressed().prefer_utf8(true);
        scope.service(files.default_handler(web::to(fallback)))
    } else {
        scope.default_service(web::to(fallback))
    };
    config.service(scope);
}

/// Answers what no file does: the app's page for one of its own routes that a person opens; a missing script is no
/// page.
async fn fallback(request: HttpRequest, app: Data<App>) -> Result<HttpResponse, Problem> {
    let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return index(request, app).await;
    }
    Err(Problem::new(StatusCode::NOT_FOUND, format!("no {} here", request.path())))
}

/// The app's page.
async fn index(request: HttpRequest, app: Data<App>) -> Result<HttpResponse, Problem> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let detail = format!("{} takes GET, not {}", request.path(), request.method());
        return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail));
    }
    let path: PathBuf = app.config.assets.join(INDEX);
    let Ok(Ok(page)) = web::block(move || std::fs::read_to_string(path)).await else {
        return Ok(not_built(&app.config.assets));
    };
    let etag = format!("\"{}\"", policy::hash(page.as_bytes()));
    let known = request.headers().get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let is_known = known.is_some_and(|tags| tags.contains(&etag));
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, etag))
        .insert_header((CACHE_CONTROL, ASK_FIRST))
        .insert_header((CONTENT_SECURITY_POLICY, policy::of_page(&page)));
    Ok(if is_known { response.finish() } else { response.content_type("text/html; charset=utf-8").body(page) })
}

fn not_built(folder: &Path) -> HttpResponse {
    let folder = folder.display();
    HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body(format!(
        "There is no app in {folder} yet. Build it with `cargo xtask run`, or name its folder with --assets DIR.\n\
         The server itself is up: see /api/realtime.\n"
    ))
}

async fn add_headers<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let caching = if is_hashed(request.path()) { FOR_EVER } else { ASK_FIRST };
    let mut response = next.call(request).await?;
    let is_found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    add(headers, X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    add(headers, REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    add(headers, CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin"));
    add(headers, CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    add(headers, PERMISSIONS_POLICY, HeaderValue::from_static(NO_DEVICES));
    // Also on what went out as it is, or a cache would hand that to everyone.
    add(headers, VARY, HeaderValue::from_static("accept-encoding"));
    add(headers, CACHE_CONTROL, if is_found { caching } else { ASK_FIRST });
    Ok(response)
}

fn add(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    if !headers.contains_key(&name) {
        headers.insert(name, value);
    }
}

/// Says whether the file's name bears the hash of its content.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_hash = |part: &str| part.len() >= HASH_DIGITS && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.split(['-', '_', '.']).any(is_hash)
}

#[cfg(test)]
mod tests {
    use super::is_hashed;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for name in
            ["/tideboard-7f3a9c01b2d4e5f6.js", "/tideboard-7f3a9c01b2d4e5f6_bg.wasm", "/a/main-0123456789abcdef.css"]
        {
            assert!(is_hashed(name), "{name}");
        }
        for name in ["/", "/index.html", "/favicon.svg", "/decade-facade.css", "/0123456789abcdef0/app.js"] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
