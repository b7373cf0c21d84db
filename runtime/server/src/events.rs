//! Streams of events: what comes into a list, changes in it and leaves it, told as it happens.
//!
//! A stream remembers which records it told of, and what it told. Whatever may have changed them, it reads through the
//! read gate again and tells the difference. So it can neither tell what its reader may not see nor keep from him that
//! something is gone, whether a record, a right, a condition or the documents changed.

mod feed;
mod look;
mod stream;
mod streams;
mod subscription;
mod view;

pub use feed::{Feeds, Follower};
pub use stream::open;
pub use streams::Streams;
