use tideboard_shared::Seq;

/// A board position at which something looked as it is shown; what an edit of it is based on.
///
/// Equal to every other: while the thing itself does not change, an older position says the same of it, and a newer one
/// is no reason to render.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen(pub Seq);

impl PartialEq for Seen {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Seen {}
