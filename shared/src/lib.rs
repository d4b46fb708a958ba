//! Names, the board and its one reducer, the messages and their encoding: the part that both sides of Tideboard share.
//!
//! Deliberately absent: clocks, randomness, IO, threads, and any `HashMap` whose order could be seen.
//! Read [`Board`] first (the rule by which the server decides and the browser predicts), then
//! [`ClientMessage`] and [`ServerMessage`] (everything that crosses the wire).

pub mod board;
pub mod check;
pub mod codec;
pub mod ids;
pub mod limits;
pub mod message;
pub mod rights;
pub mod settings;
mod tagged;
pub mod token;
pub mod topics;
mod tree;

pub use board::{
    Action, Applied, BadEntity, Board, Changed, Conflict, Entity, FieldConflict, Fields, Kind, OnConflict, Operation,
    Reason, Refusal, Rejection,
};
pub use check::Check;
pub use codec::{BadOperation, DecodeError, decode_client, decode_server, encode, encode_frames, encode_many};
pub use ids::{BoardId, Channel, ClientId, EntityId, Epoch, InvalidName, OpId, Seq, SessionId, TabId, Topic, UnixMs};
pub use limits::WireLimits;
pub use message::{
    ClientMessage, ClientMessageType, DeniedReason, Durability, OpResult, Outcome, Point, Position, Priority,
    ServerMessage, ServerMessageType,
};
pub use rights::{BoardRole, Rights, StreamRight};
pub use token::AccessToken;
pub use tree::tree;

/// The version of the protocol spoken here; `hello` carries it and `welcome` answers with it.
pub const PROTOCOL: u32 = 1;

/// Name of the WebSocket subprotocol. A client that offers none is accepted as well.
pub const SUBPROTOCOL: &str = "tideboard.v1.json";
