//! The addresses: what is asked over HTTP, and where a socket begins.

use std::path::Path;

use actix_web::{
    Resource, Route,
    middleware::{DefaultHeaders, from_fn},
    web::{self, JsonConfig, PathConfig, ServiceConfig},
};

mod assets;
mod boards;
mod notifications;
mod origin;
mod problem;
mod realtime;
mod streams;

/// Largest body of a REST request, bytes. The same as a frame may have.
const BODY_BYTES: usize = 256 * 1024;

/// Adds every route; `assets` is the folder of the built app.
pub(crate) fn configure(config: &mut ServiceConfig, assets: &Path) {
    config
        .app_data(JsonConfig::default().limit(BODY_BYTES).error_handler(problem::of_body))
        .app_data(PathConfig::default().error_handler(problem::of_path))
        .service(web::resource("/ws").wrap(from_fn(origin::check)).route(web::get().to(realtime::socket)))
        .service(
            web::scope("/api")
                .wrap(from_fn(origin::check))
                .wrap(
                    DefaultHeaders::new().add(("X-Content-Type-Options", "nosniff")).add(("Cache-Control", "no-store")),
                )
                .service(resource("/realtime", web::get().to(realtime::get)).route(web::post().to(realtime::post)))
                .service(resource("/realtime/health", web::get().to(realtime::health)))
                .service(resource("/realtime/ready", web::get().to(realtime::ready)))
                .service(resource("/realtime/stats", web::get().to(realtime::stats)))
                .service(resource("/boards/{board}", web::get().to(boards::get)))
                .service(resource("/streams/{topic}", web::post().to(streams::post)))
                .service(resource("/notifications", web::post().to(notifications::post)))
                .default_service(web::to(problem::not_found)),
        )
        .configure(|config| assets::configure(config, assets));
}

/// An address that says so when it is asked by another method.
fn resource(path: &str, route: Route) -> Resource {
    web::resource(path).route(route).default_service(web::to(problem::wrong_method))
}
