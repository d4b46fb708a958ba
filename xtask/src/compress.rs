//! Compresses the app's files once, at build time, so that the server only picks one.
//!
//! In: a folder. Out: `FILE.br` and `FILE.gz` beside every file that is worth it.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, Result, bail};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

/// Extensions of files that are not compressed yet.
const COMPRESSIBLE: [&str; 10] = ["css", "html", "js", "json", "map", "svg", "txt", "wasm", "webmanifest", "xml"];

/// Writes the compressed siblings of all files below `dir`. Those that are newer than their file are kept.
pub(crate) fn siblings(dir: &Path) -> Result<()> {
    for path in entries(dir)? {
        if path.is_dir() {
            siblings(&path)?;
        } else if path.extension().is_some_and(|extension| COMPRESSIBLE.iter().any(|known| extension == *known)) {
            compress(&path).with_context(|| format!("compress {}", path.display()))?;
        }
    }
    Ok(())
}

/// Prints what the browser loads: the size of every `.wasm` in `dir`, raw and compressed.
pub(crate) fn print_sizes(dir: &Path) -> Result<()> {
    let files = entries(dir)?;
    let wasm: Vec<_> =
        files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "wasm")).collect();
    if wasm.is_empty() {
        bail!("{} holds no .wasm: Trunk built something else than the app", dir.display());
    }
    for path in wasm {
        let name = path.file_name().unwrap_or_default().display();
        let raw = kilobytes(path)?;
        let gzip = kilobytes(&sibling(path, "gz"))?;
        let brotli = kilobytes(&sibling(path, "br"))?;
        println!("    {name}: {raw} raw, {gzip} gzip, {brotli} Brotli");
    }
    Ok(())
}

/// The children of `dir`, by name.
pub(crate) fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("read {}", dir.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn compress(path: &Path) -> Result<()> {
    let modified = path.metadata()?.modified()?;
    let is_current = |path: &Path| path.metadata().and_then(|file| file.modified()).is_ok_and(|time| time >= modified);
    let br = sibling(path, "br");
    let gz = sibling(path, "gz");
    if is_current(&br) && is_current(&gz) {
        return Ok(());
    }
    let raw = fs::read(path)?;
    let (brotli, gzip) = thread::scope(|scope| {
        let gzip = scope.spawn(|| gzip(&raw));
        (brotli(&raw), gzip.join().expect("compression does not panic"))
    });
    for (path, compressed) in [(br, brotli?), (gz, gzip?)] {
        // Tiny files grow.
        if compressed.len() < raw.len() {
            fs::write(path, compressed)?;
        }
    }
    Ok(())
}

/// Quality 11 and the largest window: slow to write, as fast to read.
fn brotli(raw: &[u8]) -> Result<Vec<u8>> {
    let params = BrotliEncoderParams { quality: 11, lgwin: 24, size_hint: raw.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*raw, &mut compressed, &params)?;
    Ok(compressed)
}

fn gzip(raw: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(raw)?;
    Ok(encoder.finish()?)
}

/// `FILE` → `FILE.EXTENSION`.
fn sibling(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

/// The size of a file, in units of 1,000 bytes.
fn kilobytes(path: &Path) -> Result<String> {
    let bytes = path.metadata().with_context(|| format!("read {}", path.display()))?.len();
    Ok(format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100))
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Read};

    use super::{sibling, siblings};

    #[test]
    fn siblings_unpack_to_the_file_and_pictures_have_none() {
        let dir = tempfile::tempdir().unwrap();
        let text = "tide ".repeat(500);
        let page = dir.path().join("index.html");
        let picture = dir.path().join("logo.png");
        fs::write(&page, &text).unwrap();
        fs::write(&picture, &text).unwrap();

        siblings(dir.path()).unwrap();

        let mut unpacked = String::new();
        let compressed = fs::read(sibling(&page, "br")).unwrap();
        brotli::Decompressor::new(&*compressed, 4096).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        unpacked.clear();
        flate2::read::GzDecoder::new(&*fs::read(sibling(&page, "gz")).unwrap()).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        assert!(!sibling(&picture, "br").exists());
    }
}
