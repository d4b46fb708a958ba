//! Identity and rights of a connection, and the client that it writes as.
//!
//! Tokens are not read yet: everybody is who they say and may edit everything, which is why the server listens on
//! loopback only. Verifying a token takes the place of [`Auth::identify`], and nothing else has to change.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use tideboard_room::Owner;
use tideboard_shared::{AccessToken, BoardRole, ClientId, ClientKey, Rights, SessionId, StreamRight, limits, message};

/// Name of a user that comes without one.
const GUEST: &str = "guest";

/// User, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Name; `by` of the user's events.
    pub(crate) user: String,
    /// Boards and streams that the user may use.
    pub(crate) rights: Rights,
}

/// Client that makes operations, and its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Writer {
    pub(crate) client: ClientId,
    pub(crate) owner: Owner,
    pub(crate) lasts: Lasts,
}

/// Life of a client id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lasts {
    /// As long as somebody has its key.
    WithKey,
    /// As long as its socket: the server has made it up.
    WithSocket,
}

impl Writer {
    /// Client whose key is known. The key itself is not kept: its hash, 128 bits of SHA-256, is the owner.
    pub(crate) fn with_key(client: ClientId, key: &ClientKey) -> Self {
        let hash = Sha256::digest(key.expose());
        let owner = format!("key:{}", URL_SAFE_NO_PAD.encode(&hash[..16])).into();
        Self { client, owner, lasts: Lasts::WithKey }
    }

    /// Client of a socket that has said no key. Nobody else can be its owner, and nobody after it.
    pub(crate) fn of_socket(session: &SessionId) -> Self {
        let client = format!("c_{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
        let client = client.parse().expect("letters, digits and _ make a client id");
        Self { client, owner: format!("socket:{session}").into(), lasts: Lasts::WithSocket }
    }
}

/// Decides who is who.
#[derive(Debug, Clone, Default)]
pub(crate) struct Auth;

impl Auth {
    /// Says whether `hello` needs a token.
    pub(crate) fn mode(&self) -> message::Auth {
        message::Auth::Optional
    }

    /// Identity of a connection with this token and, in development, this name.
    pub(crate) fn identify(&self, _token: Option<&AccessToken>, claimed: Option<&str>) -> Identity {
        let name: String =
            claimed.unwrap_or(GUEST).chars().filter(|c| !c.is_control()).take(limits::USER_CHARS).collect();
        let user = if name.trim().is_empty() { GUEST.to_owned() } else { name };
        Identity { user, rights: Rights::everywhere(BoardRole::Editor, StreamRight::Publish) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_follows_from_the_key_alone_and_does_not_tell_it() {
        let key: ClientKey = "a-key-that-nobody-can-guess".parse().unwrap();
        let [one, other] = ["c_1", "c_2"].map(|client| Writer::with_key(client.parse().unwrap(), &key));
        assert_eq!(one.owner, other.owner);
        // Stored in logs, so another value takes everybody's client id away.
        assert_eq!(one.owner.as_str(), "key:2g8nxv9pZ3xptJeGtgGUtA");
        let of_socket = |session: &str| Writer::of_socket(&session.into());
        assert_ne!(of_socket("s_1").owner, of_socket("s_2").owner);
        assert_ne!(of_socket("s_1").client, of_socket("s_1").client);
    }

    #[test]
    fn a_name_is_cut_and_cleaned_and_an_empty_one_is_a_guest() {
        let user = |claimed| Auth.identify(None, claimed).user;
        assert_eq!(user(None), "guest");
        assert_eq!(user(Some(" \n")), "guest");
        assert_eq!(user(Some("an\u{0}n")), "ann");
        assert_eq!(user(Some(&"ü".repeat(100))), "ü".repeat(64));
    }
}
