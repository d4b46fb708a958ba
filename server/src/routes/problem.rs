//! Every REST error as `application/problem+json` (RFC 9457).

use std::fmt;

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    error::{JsonPayloadError, PathError, QueryPayloadError},
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use tideboard_shared::message;

/// Refusal of a request, as RFC 9457 writes it.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// `detail` says what is wrong and what to do.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), headers: Vec::new() }
    }

    /// Refusal with one more header.
    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let body = message::Problem {
            kind: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or("error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
        };
        let mut response = HttpResponse::build(self.status);
        for header in &self.headers {
            response.insert_header(header.clone());
        }
        if self.status == StatusCode::REQUEST_TIMEOUT {
            // The rest of the body may still come, and is nobody's.
            response.force_close();
        }
        response.content_type("application/problem+json").body(tideboard_shared::encode(&body))
    }
}

/// A body that is no JSON of the right shape, or too large.
pub(super) fn of_body(error: JsonPayloadError, _: &HttpRequest) -> actix_web::Error {
    let status = match &error {
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        JsonPayloadError::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        _ => StatusCode::BAD_REQUEST,
    };
    let detail = match &error {
        JsonPayloadError::ContentType => "the body has to be JSON, with Content-Type: application/json".to_owned(),
        JsonPayloadError::Deserialize(problem) => problem.to_string(),
        other => other.to_string(),
    };
    Problem::new(status, detail).into()
}

/// An address with a name that is none.
pub(super) fn of_path(error: PathError, _: &HttpRequest) -> actix_web::Error {
    Problem::new(StatusCode::BAD_REQUEST, error.to_string()).into()
}

/// A query that cannot be read.
pub(super) fn of_query(error: QueryPayloadError, _: &HttpRequest) -> actix_web::Error {
    Problem::new(StatusCode::BAD_REQUEST, error.to_string()).into()
}

/// An address under `/api` that does not exist.
pub(super) async fn not_found(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(Problem::new(StatusCode::NOT_FOUND, format!("no {} {} here", request.method(), request.path())))
}

/// An address that exists, asked in another way.
pub(super) async fn wrong_method(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let detail = format!("{} does not take {}", request.path(), request.method());
    Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail))
}
