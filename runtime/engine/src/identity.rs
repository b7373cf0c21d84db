//! Who is there and who is asking: accounts, members, sessions, tokens.
//!
//! An account is global (address and password); being a member of a tenant is a `user` record there plus roles.
//! Answers for known and unknown accounts are the same, in text and in time.

mod members;
pub mod password;
mod sessions;
pub mod setup;
mod token;

pub use members::{
    Login, Member, NewMember, add_member, change_roles, disable, enable, find_actor, find_member, load_actor, members,
};
pub use sessions::{ApiToken, Authenticated, Sessions, Tokens, create_api_token, reset_password};
pub use token::{TokenKind, same_secret, secret};
