//! The start page and the notifications of a user.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use trellis_engine::Error;
use trellis_forms::{Links, Notification, home_page, notifications_page};

use super::Visitor;
use super::desk::Desk;
use super::visitor::{PageAnswer, html, see_other};

const RECENT: u64 = 5;
const ALL: u64 = 200;

pub async fn home(visitor: Visitor) -> PageAnswer {
    visitor.answer(try_home).await
}

async fn try_home(visitor: Arc<Visitor>) -> PageAnswer {
    let text = visitor.read(|visitor| {
        visitor.tenant.handle.read(|session| {
            let recent = read(visitor, session, RECENT)?;
            let unread = Desk { visitor, session }.unread()?;
            let objects = visitor.objects();
            visitor.render(&home_page(&visitor.site(&objects, unread), &recent))
        })
    });
    Ok(html(StatusCode::OK, text.await?))
}

pub async fn notifications(visitor: Visitor) -> PageAnswer {
    visitor.answer(try_notifications).await
}

async fn try_notifications(visitor: Arc<Visitor>) -> PageAnswer {
    let text = visitor.read(|visitor| {
        visitor.tenant.handle.read(|session| {
            let all = read(visitor, session, ALL)?;
            let unread = Desk { visitor, session }.unread()?;
            let objects = visitor.objects();
            visitor.render(&notifications_page(&visitor.site(&objects, unread), &all, None))
        })
    });
    Ok(html(StatusCode::OK, text.await?))
}

/// `POST /t/{tenant}/app/notifications/read`
pub async fn mark_read(visitor: Visitor, body: Bytes) -> PageAnswer {
    visitor.form(&body)?;
    let (user, now) = (visitor.caller.actor.user, visitor.caller.now);
    let done =
        visitor.tenant.handle.write(move |session| Ok::<_, Error>(trellis_engine::mark_read(session, user, now)?));
    match done.await {
        Ok(_) => Ok(see_other(&Links { tenant: &visitor.tenant.name }.notifications())),
        Err(error) => Err(visitor.failure(error, None)),
    }
}

fn read(visitor: &Visitor, session: &mut dyn trellis_engine::Session, limit: u64) -> Result<Vec<Notification>, Error> {
    let all = trellis_engine::notifications(session, visitor.caller.actor.user, limit)?;
    Ok(all
        .into_iter()
        .map(|entry| Notification {
            title: entry.title,
            body: entry.body,
            link: entry.link,
            at: entry.at,
            read: entry.read_at.is_some(),
        })
        .collect())
}
