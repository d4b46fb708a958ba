//! The addresses: what is asked over HTTP, and where a socket begins.

use std::path::Path;

use actix_web::{
    Resource,
    middleware::{DefaultHeaders, from_fn},
    web::{self, JsonConfig, PathConfig, QueryConfig, ServiceConfig},
};

mod assets;
mod boards;
mod body;
mod notifications;
mod origin;
mod problem;
mod realtime;
mod reply;
mod streams;

pub(crate) use origin::check_host;

/// Largest body of a REST request, bytes. The same as a frame may have.
const BODY_BYTES: usize = 256 * 1024;

/// Adds every route; `assets` is the folder of the built app.
pub(crate) fn configure(config: &mut ServiceConfig, assets: &Path) {
    let headers = DefaultHeaders::new().add(("X-Content-Type-Options", "nosniff")).add(("Cache-Control", "no-store"));
    let realtime = at("/realtime").route(web::get().to(realtime::get)).route(web::post().to(realtime::post));
    let api = web::scope("/api")
        .wrap(from_fn(body::in_time))
        .wrap(from_fn(origin::check))
        .wrap(headers)
        .service(realtime)
        .service(at("/realtime/health").route(web::get().to(realtime::health)))
        .service(at("/realtime/ready").route(web::get().to(realtime::ready)))
        .service(at("/realtime/stats").route(web::get().to(realtime::stats)))
        .service(at("/boards/{board}").route(web::get().to(boards::get)))
        .service(at("/boards/{board}/events").route(web::get().to(boards::events)))
        .service(at("/streams/{topic}").route(web::post().to(streams::post)))
        .service(at("/notifications").route(web::post().to(notifications::post)))
        .default_service(web::to(problem::not_found));
    config
        .app_data(JsonConfig::default().limit(BODY_BYTES).error_handler(problem::of_body))
        .app_data(PathConfig::default().error_handler(problem::of_path))
        .app_data(QueryConfig::default().error_handler(problem::of_query))
        .service(at("/ws").wrap(from_fn(origin::check)).route(web::get().to(realtime::socket)))
        .service(api)
        .configure(|config| assets::configure(config, assets));
}

/// An address that answers other methods than its own by a problem.
fn at(path: &str) -> Resource {
    web::resource(path).default_service(web::to(problem::wrong_method))
}
