//! One file per page: a model whose text is already in the reader's language, and the builder that fills it.

mod edit;
mod error;
mod error_code;
mod home;
mod layout;
mod list;
mod login;
mod notifications;
mod record;

use serde::Serialize;

pub use edit::{EditInput, EditPage, TransitionForm, edit_page, may_edit, required_by_form};
pub use error::{ErrorKind, ErrorPage, error_page};
pub use error_code::{CodeInput, ErrorCodePage, ErrorCodesPage, error_code_page, error_codes_page};
pub use home::{HomePage, home_page};
pub use layout::{ChildRows, RowView};
pub use list::{ListInput, ListPage, chosen_view, list_page};
pub use login::{EntryPage, LoginInput, LoginPage, SetupInput, SetupPage, entry_page, login_page, setup_page};
pub use notifications::{Notification, NotificationsPage, notifications_page};
pub use record::{Happened, HistoryEntry, RecordInput, RecordPage, record_page};

use crate::site::Frame;

/// A page ready to be rendered.
#[derive(Clone, Debug)]
pub struct Page<M> {
    pub frame: Frame,
    pub content: M,
}

/// The template a model is made for.
pub trait Template: Serialize {
    const NAME: &'static str;
}

/// A link that looks like a button.
#[derive(Clone, Debug, Serialize)]
pub struct Button {
    pub label: String,
    pub url: String,
}
