//! Check of the web page that asks. A browser names the page in `Origin`; programs send none and are not held up.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{HOST, ORIGIN},
    },
    middleware::Next,
    web::Data,
};

use super::problem::Problem;
use crate::app::App;

/// Refuses what a page of another origin asks.
pub(super) async fn check<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(origin) = header(ORIGIN) {
        let allowed = request.app_data::<Data<App>>().map_or(&[][..], |app| &app.config.allow_origins);
        if !is_allowed(origin, header(HOST), allowed) {
            let detail = format!("pages of {origin} may not connect; --allow-origin {origin} lets them");
            return Err(Problem::new(StatusCode::FORBIDDEN, detail).into());
        }
    }
    next.call(request).await
}

fn is_allowed(origin: &str, host: Option<&str>, allowed: &[String]) -> bool {
    if allowed.iter().any(|allowed| allowed == "*" || allowed.trim_end_matches('/').eq_ignore_ascii_case(origin)) {
        return true;
    }
    let Some((_, authority)) = origin.split_once("://") else { return false };
    if host.is_some_and(|host| host.eq_ignore_ascii_case(authority)) {
        return true;
    }
    let name = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    matches!(name, "localhost" | "127.0.0.1" | "::1") || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn same_host_localhost_and_listed_origins_are_let_in() {
        let host = Some("board.example:3000");
        let listed = vec!["https://app.example/".to_owned()];
        for origin in [
            "http://board.example:3000",
            "https://app.example",
            "http://localhost:8080",
            "http://127.0.0.1:9",
            "http://[::1]:3000",
        ] {
            assert!(is_allowed(origin, host, &listed), "{origin}");
        }
        for origin in [
            "http://board.example",
            "http://board.example:3001",
            "https://app.example.evil",
            "http://localhost.evil",
            "http://127.0.0.1.evil",
            "null",
            "",
        ] {
            assert!(!is_allowed(origin, host, &listed), "{origin}");
        }
        assert!(is_allowed("http://anything", None, &["*".to_owned()]));
    }
}
