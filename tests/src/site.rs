//! Small stand-in for the built app, so that serving it can be tested without building it.

use std::{fs, io::Write as _, path::Path};

use anyhow::Result;

/// Files of the stand-in: a page and a script.
#[derive(Debug)]
pub struct Site;

impl Site {
    /// Text of the page that every unknown path gets.
    pub const INDEX: &str = "<!doctype html><title>Tideboard</title><script src=\"/app-0f1e2d3c4b5a6978.js\"></script>";
    /// Path of the script, hashed as Trunk does it.
    pub const SCRIPT_PATH: &str = "/app-0f1e2d3c4b5a6978.js";

    /// Text of the script; long enough to be worth compressing.
    #[must_use]
    pub fn script() -> String {
        (0..400).map(|n| format!("console.log('line {n} of the script');\n")).collect()
    }

    /// Writes the page and the script into `dir`, each with its Brotli and gzip form beside it, as `cargo xtask build`
    /// does.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(dir: &Path) -> Result<()> {
        fs::create_dir_all(dir)?;
        Self::write_file(&dir.join("index.html"), Self::INDEX)?;
        Self::write_file(&dir.join(Self::SCRIPT_PATH.trim_start_matches('/')), &Self::script())
    }

    fn write_file(path: &Path, text: &str) -> Result<()> {
        fs::write(path, text)?;
        let beside = |extension: &str| format!("{}.{extension}", path.display());
        let mut gzip = flate2::write::GzEncoder::new(fs::File::create(beside("gz"))?, flate2::Compression::default());
        gzip.write_all(text.as_bytes())?;
        gzip.finish()?;
        let mut br = fs::File::create(beside("br"))?;
        brotli::BrotliCompress(&mut text.as_bytes(), &mut br, &brotli::enc::BrotliEncoderParams::default())?;
        Ok(())
    }
}
