//! What the runtime told the actor.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::catalogue::Message;
use crate::format::instant_text;
use crate::link::safe_href;
use crate::page::{Page, Template};
use crate::site::{Crumb, Site};

#[derive(Clone, Debug)]
pub struct Notification {
    pub title: String,
    pub body: String,
    /// Address of the record it is about.
    pub link: Option<String>,
    pub at: DateTime<Utc>,
    pub read: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct NotificationItem {
    pub title: String,
    pub body: String,
    pub url: Option<String>,
    pub at: String,
    pub datetime: String,
    pub unread: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct NotificationsPage {
    pub title: String,
    pub items: Vec<NotificationItem>,
    /// Marks all as read; absent when they are.
    pub read_url: Option<String>,
    pub next_url: Option<String>,
    pub csrf: String,
}

impl Template for NotificationsPage {
    const NAME: &'static str = "notifications";
}

pub fn notifications_page(site: &Site, notifications: &[Notification], next: Option<&str>) -> Page<NotificationsPage> {
    let title = site.text(Message::Notifications).to_owned();
    let here = Crumb { label: title.clone(), url: None };
    let mut frame = site.frame(&title, None, vec![site.home_crumb(), here]);
    if let Some(link) = &mut frame.notifications {
        link.current = true;
    }
    let unread = notifications.iter().any(|notification| !notification.read);
    let content = NotificationsPage {
        title,
        items: items(site, notifications),
        read_url: unread.then(|| site.links().notifications_read()),
        next_url: next.map(|cursor| crate::link::query(&[("cursor".to_owned(), cursor.to_owned())])),
        csrf: site.csrf.to_owned(),
    };
    Page { frame, content }
}

pub(crate) fn items(site: &Site, notifications: &[Notification]) -> Vec<NotificationItem> {
    notifications
        .iter()
        .map(|notification| NotificationItem {
            title: notification.title.clone(),
            body: notification.body.clone(),
            url: notification.link.as_deref().and_then(safe_href),
            at: instant_text(site.reader(), notification.at),
            datetime: notification.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            unread: !notification.read,
        })
        .collect()
}
