//! `use_favorites` against the real server.

use tideboard_client::{
    entities::Favorite,
    hooks::{UseFavoritesHandle, use_favorites},
};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::probe::{ProbeProps, board, hooked};

#[component]
fn Favorites(props: &ProbeProps<(), UseFavoritesHandle>) -> Html {
    props.probe.renders.note(use_favorites(board()));
    Html::default()
}

#[wasm_bindgen_test]
async fn a_target_is_a_favorite_once_whoever_says_so_and_until_somebody_takes_it_back() {
    let ann = hooked::<Favorites, _, _>(()).await;
    let bob = hooked::<Favorites, _, _>(()).await;
    ann.on_board().await;
    bob.on_board().await;
    let favorite = Favorite { target: format!("/orders/{}", js_sys::Math::random()), label: "Orders".into() };
    let is_there = |favorites: &UseFavoritesHandle| favorites.is_favorite(&favorite.target);
    let mine = ann.handle().toggle(&favorite);
    let theirs = bob.handle().toggle(&favorite);
    assert!(mine.server.await.is_some() && theirs.server.await.is_some());
    for user in [&ann, &bob] {
        let favorites = user.until("the favourite", |favorites| is_there(favorites) && favorites.pending() == 0).await;
        let same = favorites.list().unwrap().iter().filter(|item| item.value.target == favorite.target).count();
        assert_eq!((same, favorites.find(&favorite.target).unwrap().value.clone()), (1, favorite.clone()));
    }
    assert_eq!(ann.handle().refusals().len() + bob.handle().refusals().len(), 1, "whoever came second is told");
    ann.handle().toggle(&favorite);
    bob.until("no favourite", |favorites| !is_there(favorites)).await;
}
