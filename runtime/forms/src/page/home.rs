//! The first page after login: what the actor may open, and what waits for him.

use serde::Serialize;

use crate::catalogue::Message;
use crate::page::notifications::{Notification, NotificationItem, items};
use crate::page::{Page, Template};
use crate::site::{NavGroup, Site};

#[derive(Clone, Debug, Serialize)]
pub struct HomePage {
    pub title: String,
    pub groups: Vec<NavGroup>,
    pub notifications: Vec<NotificationItem>,
    pub notifications_url: String,
}

impl Template for HomePage {
    const NAME: &'static str = "home";
}

pub fn home_page(site: &Site, recent: &[Notification]) -> Page<HomePage> {
    let name = site.user.map_or(site.tenant_label, |user| user.name);
    let mut frame = site.frame(site.text(Message::Home), None, Vec::new());
    frame.home_current = true;
    let content = HomePage {
        title: site.fill(Message::Welcome, &[name]),
        groups: site.nav(None),
        notifications: items(site, recent),
        notifications_url: site.links().notifications(),
    };
    Page { frame, content }
}
