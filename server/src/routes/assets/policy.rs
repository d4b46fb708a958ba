//! The Content-Security-Policy of the app's page.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// Only this server's files; WebAssembly; no plug-ins, no frames around it. Yew sets `style` attributes.
const BASE: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                    connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; form-action 'self'; \
                    frame-ancestors 'none'; script-src 'self' 'wasm-unsafe-eval'";

/// The policy for this page: its own inline scripts run, such as Trunk's start of the app, and no others.
pub(super) fn of_page(page: &str) -> String {
    let mut policy = BASE.to_owned();
    for script in inline_scripts(page) {
        policy.push_str(&format!(" 'sha256-{}'", hash(script.as_bytes())));
    }
    policy
}

/// SHA-256 in Base64.
pub(super) fn hash(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (tag, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script")?;
        (!tag.contains("src=")).then_some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_allowed_by_their_hash_and_files_are_not_hashed() {
        let policy = of_page("<html><script type=\"module\">alert(1)</script><script src=\"/a.js\"></script></html>");
        assert!(
            policy.ends_with("'wasm-unsafe-eval' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"),
            "{policy}"
        );
        assert!(of_page("<html></html>").ends_with("'wasm-unsafe-eval'"));
    }
}
