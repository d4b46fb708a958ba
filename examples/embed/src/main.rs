//! Our hooks and widgets inside a page that is not ours: a shop's back office, which had its own Yew application before.
//!
//! The shop keeps its page, its state and its styles. It puts one provider around the part that is to be live, and uses what
//! it needs inside: the orders of a board in its own table, a chart of ours, who else is there, and an undo button.
//!
//! Run `cargo xtask run -- --allow-origin http://127.0.0.1:8080` for a server that lets Trunk's page in, then
//! `trunk serve` in this folder.

mod live;
mod shop;

use shop::Shop;

fn main() {
    yew::Renderer::<Shop>::new().render();
}
