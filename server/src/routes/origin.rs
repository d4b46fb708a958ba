//! Check of who asks: by which name (`Host`), from which page (`Origin`), from where in the browser (`Sec-Fetch-Site`).
//!
//! In: a request's head. Out: the request, or a problem that says which setting would let it in. A browser names the page
//! in `Origin`; programs send none and are not held up. Never: a page of another site, also when its name was made to lead
//! here (DNS rebinding), unless a setting lists it.

use std::net::IpAddr;

use actix_web::{
    Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN,
            VARY,
        },
    },
    middleware::Next,
    web::Data,
};

use super::problem::Problem;
use crate::{app::App, config::Config};

/// Setting's value that allows any name or origin.
const ANY: &str = "*";

/// Refuses requests for a server of another name.
pub(crate) async fn check_host<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if let Some(app) = request.app_data::<Data<App>>() {
        match only(request.headers(), HOST) {
            Ok(None) => {}
            Ok(Some(host)) if is_own_name(host, &app.config) => {}
            Ok(Some(host)) => {
                let name = name_of(host).unwrap_or(host);
                let detail = format!("this is not the server of {host}; --allow-host {name} makes it that");
                return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, detail).into());
            }
            Err(problem) => return Err(problem.into()),
        }
    }
    next.call(request).await
}

/// Refuses what a page of another origin asks. Answers to pages that a setting lists may be read by them.
pub(super) async fn check<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let Some(app) = request.app_data::<Data<App>>().cloned() else {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    };
    let headers = request.headers();
    let Some(origin) = only(headers, ORIGIN)? else {
        let is_cross_site = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
        if is_cross_site && !app.config.allow_origins.iter().any(|allowed| allowed == ANY) {
            return Err(Problem::new(StatusCode::FORBIDDEN, "pages of other sites may not ask this").into());
        }
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    };
    if is_own_origin(origin, only(headers, HOST)?) {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    }
    if !is_listed(origin, &app.config.allow_origins) {
        let detail = format!("pages of {origin} may not connect; --allow-origin {origin} lets them");
        return Err(Problem::new(StatusCode::FORBIDDEN, detail).into());
    }
    let origin = headers.get(ORIGIN).cloned();
    let mut response = if request.method() == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        request.into_response(preflight()).map_into_right_body()
    } else {
        next.call(request).await?.map_into_left_body()
    };
    if let Some(origin) = origin {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    }
    Ok(response)
}

/// Answer to a browser that asks what a listed page may do.
fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"))
        .insert_header((ACCESS_CONTROL_MAX_AGE, "600"))
        .finish()
}

/// Value of a header that may be there once and has to be one readable word.
fn only(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(&name);
    let Some(value) = values.next() else { return Ok(None) };
    let is_word = |text: &&str| !text.contains([',', ' ', '\t']);
    match value.to_str().ok().filter(is_word) {
        Some(text) if values.next().is_none() => Ok(Some(text)),
        Some(_) | None => {
            let status = if name == ORIGIN { StatusCode::FORBIDDEN } else { StatusCode::BAD_REQUEST };
            Err(Problem::new(status, format!("the header {name} has to be one name")))
        }
    }
}

/// Name or IP address of a host, without its port. `None` if it is not written as one.
fn name_of(host: &str) -> Option<&str> {
    match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(name, _)| name),
        None => host.split(':').next(),
    }
}

/// Port of a host, if it says one.
fn port_of(host: &str) -> Option<&str> {
    host.rsplit_once(':').map(|(_, port)| port).filter(|port| !port.contains(']'))
}

fn is_loopback(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_name = name == "localhost" || name.ends_with(".localhost");
    is_name || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Says whether the server is asked for by a name of its own.
fn is_own_name(host: &str, config: &Config) -> bool {
    let Some(name) = name_of(host) else { return false };
    let bind = config.bind.0.ip();
    // Where it listens at every address, no list of them is known; but a page has its name, and an address is none.
    let is_address = name.parse::<IpAddr>().is_ok_and(|ip| ip == bind || bind.is_unspecified());
    let is_listed = config.allow_hosts.iter().any(|allowed| allowed == ANY || allowed.eq_ignore_ascii_case(name));
    is_address || is_listed || is_loopback(name)
}

/// Says whether a page comes from this server: from the host that it asks, or from another name of this machine at the same
/// port.
fn is_own_origin(origin: &str, host: Option<&str>) -> bool {
    let Some((_, authority)) = origin.split_once("://") else { return false };
    let Some(host) = host else { return false };
    let is_this_machine = |host| name_of(host).is_some_and(is_loopback);
    let is_same_machine = is_this_machine(authority) && is_this_machine(host);
    authority.eq_ignore_ascii_case(host) || (is_same_machine && port_of(authority) == port_of(host))
}

fn is_listed(origin: &str, allowed: &[String]) -> bool {
    allowed.iter().any(|allowed| allowed == ANY || allowed.trim_end_matches('/').eq_ignore_ascii_case(origin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Bind;

    #[test]
    fn only_pages_of_this_server_and_listed_ones_are_let_in() {
        let board = Some("board.example:3000");
        let local = Some("127.0.0.1:3000");
        for (origin, host) in [
            ("http://board.example:3000", board),
            ("https://BOARD.example:3000", board),
            ("http://localhost:3000", local),
            ("http://[::1]:3000", local),
            ("http://127.0.0.1:3000", Some("localhost:3000")),
        ] {
            assert!(is_own_origin(origin, host), "{origin}");
        }
        for (origin, host) in [
            ("http://board.example", board),
            ("http://board.example:3001", board),
            ("http://localhost:3000", board),
            ("http://localhost:8080", local),
            ("http://localhost", local),
            ("http://localhost.evil:3000", local),
            ("http://127.0.0.1.evil:3000", local),
            ("null", local),
            ("", local),
            ("http://localhost:3000", None),
        ] {
            assert!(!is_own_origin(origin, host), "{origin}");
        }
        let listed = ["https://app.example/".to_owned()];
        assert!(is_listed("https://app.example", &listed) && is_listed("null", &["*".to_owned()]));
        assert!(!is_listed("https://app.example.evil", &listed) && !is_listed("http://app.example", &listed));
    }

    #[test]
    fn only_names_of_this_server_are_answered() {
        let config = |bind: &str, hosts: &[&str]| Config {
            bind: Bind::try_from(bind.to_owned()).unwrap(),
            allow_hosts: hosts.iter().copied().map(str::to_owned).collect(),
            ..Config::default()
        };
        let local = config("127.0.0.1:3000", &["boards.example"]);
        for host in ["127.0.0.1:3000", "localhost", "LOCALHOST.:9", "a.localhost:1", "[::1]:3000", "Boards.example:443"]
        {
            assert!(is_own_name(host, &local), "{host}");
        }
        for host in ["evil.example:3000", "127.0.0.1.evil.example", "10.0.0.1:3000", "boards.example.evil", "", "[::1"]
        {
            assert!(!is_own_name(host, &local), "{host}");
        }
        let open = config("0.0.0.0:3000", &[]);
        assert!(is_own_name("10.0.0.1:3000", &open) && is_own_name("[2001:db8::1]:3000", &open));
        assert!(!is_own_name("evil.example:3000", &open));
        assert!(is_own_name("evil.example:3000", &config("0.0.0.0:3000", &["*"])));
    }
}
