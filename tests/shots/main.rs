//! `shots DIR [PART]`: pictures of every tab in both themes at three widths, and of the states that a board can be in.
//!
//! In: the built app and a browser, as the app tests have them; a folder; a part of the names of the pictures that are wanted, if
//! not all. Out: `NAME-THEME-WIDTH.png` in it. Never: part of the tests. `cargo xtask shots` builds what it needs and calls it.

mod life;
mod states;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use tideboard_tests::{
    Launch,
    browser::{Look, Page, Stage, Theme, app},
};

use life::Life;

/// The tabs, by the last part of their addresses.
const TABS: [&str; 6] = ["overview", "orders", "favourites", "downloads", "activity", "system"];
/// A desk, a tablet, a phone: width and height.
const SIZES: [(u32, u32); 3] = [(1440, 900), (1024, 768), (400, 860)];
const THEMES: [Theme; 2] = [Theme::Light, Theme::Dark];

/// Folder of the pictures, and the ones that are wanted.
#[derive(Debug)]
struct Album {
    folder: PathBuf,
    only: String,
}

impl Album {
    /// The page as it is now, in both themes at all widths, from top to bottom.
    async fn every_look(&self, page: &Page, name: &str) -> Result<()> {
        for theme in THEMES {
            for (width, height) in SIZES {
                self.look(page, name, (Look { theme, width, height }, TALLEST)).await?;
            }
        }
        Ok(())
    }

    /// Takes the page as it is now, in both themes at all widths.
    async fn every_view(&self, page: &Page, name: &str) -> Result<()> {
        for theme in THEMES {
            for (width, height) in SIZES {
                self.look(page, name, (Look { theme, width, height }, height)).await?;
            }
        }
        Ok(())
    }

    /// In one look, so much more of it as there is, up to so high.
    async fn look(&self, page: &Page, name: &str, (look, tallest): (Look, u32)) -> Result<()> {
        let name = format!("{name}-{}-{}", look.theme.name(), look.width);
        if !name.contains(&self.only) {
            return Ok(());
        }
        page.look(look).await?;
        let height = page.full_height().await?.clamp(look.height, tallest);
        page.look(Look { height, ..look }).await?;
        page.is_calm().await?;
        let path = self.folder.join(format!("{name}.png"));
        fs::write(&path, page.picture().await?).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}", path.display());
        Ok(())
    }
}

/// Name of the person who looks.
pub(crate) const ANN: &str = "Ann Lind";
/// A page that is longer is cut off.
const TALLEST: u32 = 4_000;

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().context("usage: shots DIR [PART]")?);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let album = Album { folder, only: args.next().unwrap_or_default() };
    let launch =
        Launch::default().boards(["main", "empty"]).flag("--assets", app()?.display()).flag("--host-rate-hz", 0);
    let mut stage = Stage::launch(launch).await?;
    let life = Life::begin(&stage).await?;
    for tab in TABS {
        let page = stage.visitor_named(ANN, &format!("/b/main/{tab}")).await?;
        page.is_calm().await?;
        album.every_look(&page, tab).await?;
        page.close().await?;
    }
    states::all(&mut stage, &album).await?;
    life.end().await
}
