//! End to end: the real server as a process, real sockets, `kill -9`.
//!
//! Each file is one promise of the wire format or the server; each test is a sentence about it.

mod access;
mod assets;
mod backup;
mod bad_input;
mod boards;
mod bystander;
mod closes;
mod config;
mod damage;
mod durable;
mod full_disk;
mod history;
mod kills;
mod live;
mod notifications;
mod once;
mod presence;
mod refusals;
mod requests;
mod rest;
mod resume;
mod set_back;
mod settings;
mod shutdown;
mod streams;
mod third_party;
mod unread;
