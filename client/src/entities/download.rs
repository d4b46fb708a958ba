use serde::{Deserialize, Serialize};
use tideboard_shared::Kind;

/// The fields of an entity of kind `download`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Download {
    /// Name for people.
    pub name: String,
    /// Address that it comes from.
    pub url: String,
    /// Size in bytes; 0 while that is not known.
    pub bytes: u64,
    /// Bytes of it that are there.
    pub received_bytes: u64,
    /// State of the download.
    pub status: DownloadStatus,
    /// Reason for people why it broke off.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The tab that fetches it, or did; the others leave it alone.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub runner: String,
}

impl Kind for Download {
    const NAME: &'static str = "download";
}

/// State of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadStatus {
    /// Waits for its turn.
    #[default]
    Queued,
    /// Coming in.
    Running,
    /// Stopped; can go on.
    Paused,
    /// All of it is there.
    Done,
    /// Broken off.
    Failed,
    /// Given up.
    Cancelled,
}

impl DownloadStatus {
    /// All, in the order of a download's life.
    pub const ALL: [Self; 6] = [Self::Queued, Self::Running, Self::Paused, Self::Done, Self::Failed, Self::Cancelled];

    /// Value in the entity's field.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Name for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "Waiting",
            Self::Running => "Downloading",
            Self::Paused => "Paused",
            Self::Done => "Done",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Tells whether a tab is, or should be, fetching it.
    #[must_use]
    pub fn is_wanted(self) -> bool {
        match self {
            Self::Queued | Self::Running => true,
            Self::Paused | Self::Done | Self::Failed | Self::Cancelled => false,
        }
    }
}
