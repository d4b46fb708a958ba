//! Identity and rights of a connection.
//!
//! Tokens are not read yet: everybody is who they say and may edit everything, which is why the server listens on
//! loopback only. Verifying a token takes the place of [`Auth::identify`], and nothing else has to change.

use tideboard_shared::{AccessToken, BoardRole, Rights, StreamRight, limits, message};

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
    fn a_name_is_cut_and_cleaned_and_an_empty_one_is_a_guest() {
        let user = |claimed| Auth.identify(None, claimed).user;
        assert_eq!(user(None), "guest");
        assert_eq!(user(Some(" \n")), "guest");
        assert_eq!(user(Some("an\u{0}n")), "ann");
        assert_eq!(user(Some(&"ü".repeat(100))), "ü".repeat(64));
    }
}
