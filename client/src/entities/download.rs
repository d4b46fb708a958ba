use serde::{Deserialize, Serialize};

/// The fields of an entity of kind `download`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Download {
    /// What people see.
    pub name: String,
    /// Where it comes from.
    pub url: String,
    /// How large it is; 0 while that is not known.
    pub bytes: u64,
    /// How much of it is there.
    pub received_bytes: u64,
    /// How far it is.
    pub status: DownloadStatus,
}

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadStatus {
    /// It waits for its turn.
    #[default]
    Queued,
    /// It is coming in.
    Running,
    /// It was stopped and can go on.
    Paused,
    /// All of it is there.
    Done,
    /// It broke off.
    Failed,
}

impl DownloadStatus {
    /// All, in the order of a download's life.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Paused, Self::Done, Self::Failed];

    /// Its value in the entity's field.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}
