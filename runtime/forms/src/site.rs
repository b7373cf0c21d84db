//! What all pages of one request share: who reads, in which tenant, and the frame around every page.

use chrono_tz::Tz;
use serde::Serialize;
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::{Layer, Object, ObjectIndex, Snapshot};
use trellis_metadata::value::Value;
use uuid::Uuid;

use crate::assets::{app_css, app_icon, app_js};
use crate::catalogue::Message;
use crate::format::{Labels, Reader, Shown, show};
use crate::link::Links;
use crate::tone::{Tone, name_tone};

/// The request's facts that every builder needs.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    pub snapshot: &'a Snapshot,
    /// The name in the address.
    pub tenant: &'a str,
    /// The name people read.
    pub tenant_label: &'a str,
    pub locale: Locale,
    pub zone: Tz,
    /// `None` before login.
    pub user: Option<SiteUser<'a>>,
    /// Objects the actor may read, in the order of the snapshot.
    pub objects: &'a [ObjectIndex],
    pub unread: u64,
    pub csrf: &'a str,
    /// Path and query of this page, for coming back after a change of language.
    pub return_to: &'a str,
    pub flash: Option<&'a Flash>,
}

#[derive(Clone, Copy, Debug)]
pub struct SiteUser<'a> {
    pub name: &'a str,
    pub email: &'a str,
}

/// One line at the top of the page after an action.
#[derive(Clone, Debug, Serialize)]
pub struct Flash {
    pub tone: Tone,
    pub text: String,
}

/// Everything around the content of a page.
#[derive(Clone, Debug, Serialize)]
pub struct Frame {
    #[serde(skip)]
    pub locale: Locale,
    pub lang: &'static str,
    /// Of the browser tab.
    pub title: String,
    pub site_name: String,
    pub home_url: String,
    pub css_url: String,
    pub js_url: String,
    pub icon_url: String,
    pub csrf: String,
    pub return_to: String,
    pub user: Option<UserMenu>,
    pub nav: Vec<NavGroup>,
    pub home_current: bool,
    pub breadcrumbs: Vec<Crumb>,
    pub notifications: Option<NotificationsLink>,
    pub locales: Vec<LocaleChoice>,
    pub flash: Option<Flash>,
}

#[derive(Clone, Debug, Serialize)]
pub struct UserMenu {
    pub name: String,
    pub email: String,
    pub initial: String,
    pub logout_url: String,
    pub locale_url: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct NavGroup {
    pub label: String,
    pub items: Vec<NavItem>,
}

#[derive(Clone, Debug, Serialize)]
pub struct NavItem {
    pub label: String,
    pub url: String,
    pub current: bool,
    pub initial: String,
    pub tone: Tone,
}

#[derive(Clone, Debug, Serialize)]
pub struct Crumb {
    pub label: String,
    /// The page itself has none.
    pub url: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct NotificationsLink {
    pub url: String,
    /// Absent when everything is read.
    pub count: Option<String>,
    pub label: String,
    pub current: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct LocaleChoice {
    pub tag: &'static str,
    pub label: &'static str,
    pub current: bool,
    /// Before login the language is part of the address.
    pub url: String,
}

impl<'a> Site<'a> {
    pub fn reader(&self) -> Reader {
        Reader { locale: self.locale, zone: self.zone }
    }

    pub fn links(&self) -> Links<'a> {
        Links { tenant: self.tenant }
    }

    pub fn text(&self, message: Message) -> &'static str {
        message.text(self.locale)
    }

    pub fn fill(&self, message: Message, values: &[&str]) -> String {
        message.fill(self.locale, values)
    }

    /// A label inside a sentence of the page.
    pub fn in_sentence(&self, label: &str) -> String {
        in_sentence(self.locale, label)
    }

    pub fn may_read(&self, object: ObjectIndex) -> bool {
        self.objects.contains(&object)
    }

    /// The address of a record that a lookup points at, when the reader may open its object.
    pub fn record_link(&self, target: ObjectIndex, id: Uuid) -> Option<String> {
        self.may_read(target).then(|| self.links().record(self.snapshot.object(target), id))
    }

    /// A field's value as this reader sees it, lookups linked.
    pub fn show(
        &self,
        object: &Object,
        field: trellis_metadata::snapshot::FieldIndex,
        value: &Value,
        labels: &Labels,
    ) -> Shown {
        let field = object.field(field);
        let mut shown = show(self.reader(), field, value, labels);
        if let (Some(relation), Value::Id(id)) = (field.kind.relation(), value) {
            shown.href = self.record_link(relation.target, *id);
        }
        if let (Some(_), Value::Id(id)) = (field.kind.file(), value) {
            return self.file(field, *id, labels);
        }
        shown
    }

    /// A file by its name, or as a small picture, that leads to the file itself.
    pub fn file(&self, field: &trellis_metadata::snapshot::Field, id: Uuid, labels: &Labels) -> Shown {
        let name = labels.get(&id).cloned().unwrap_or_else(|| self.text(Message::File).to_owned());
        let picture = field.kind.is_picture().then(|| self.links().picture(id));
        Shown { href: Some(self.links().file(id)), picture, ..Shown::plain(name) }
    }

    /// The frame of a page titled `title` inside `object`.
    pub fn frame(&self, title: &str, object: Option<&Object>, breadcrumbs: Vec<Crumb>) -> Frame {
        let links = self.links();
        Frame {
            locale: self.locale,
            lang: self.locale.tag(),
            title: format!("{title} · {}", self.tenant_label),
            site_name: self.tenant_label.to_owned(),
            home_url: if self.tenant.is_empty() { "/".to_owned() } else { links.home() },
            css_url: app_css().url,
            js_url: app_js().url,
            icon_url: app_icon().url,
            csrf: self.csrf.to_owned(),
            return_to: self.return_to.to_owned(),
            user: self.user.map(|user| UserMenu {
                name: user.name.to_owned(),
                email: user.email.to_owned(),
                initial: initial(user.name),
                logout_url: links.logout(),
                locale_url: links.locale(),
            }),
            nav: if self.user.is_some() { self.nav(object) } else { Vec::new() },
            home_current: false,
            breadcrumbs,
            notifications: self.user.map(|_| self.notifications_link()),
            locales: self.locale_choices(),
            flash: self.flash.cloned(),
        }
    }

    pub fn home_crumb(&self) -> Crumb {
        Crumb { label: self.text(Message::Home).to_owned(), url: Some(self.links().home()) }
    }

    pub fn object_crumb(&self, object: &Object) -> Crumb {
        Crumb { label: object.label(self.locale), url: Some(self.links().list(object)) }
    }

    fn notifications_link(&self) -> NotificationsLink {
        let count =
            (self.unread > 0).then(|| if self.unread > 99 { "99+".to_owned() } else { self.unread.to_string() });
        let label = match &count {
            Some(count) => {
                format!("{} ({})", self.text(Message::Notifications), self.fill(Message::UnreadCount, &[count]))
            }
            None => self.text(Message::Notifications).to_owned(),
        };
        NotificationsLink { url: self.links().notifications(), count, label, current: false }
    }

    /// This address in another language, everything else of it kept.
    fn address_in(&self, locale: Locale) -> String {
        let asked = self.return_to.split_once('?').map_or("", |(_, query)| query);
        let others = asked.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("locale="));
        let language = format!("locale={}", locale.tag());
        format!("?{}", others.chain([language.as_str()]).collect::<Vec<_>>().join("&"))
    }

    fn locale_choices(&self) -> Vec<LocaleChoice> {
        Locale::ALL
            .into_iter()
            .map(|locale| LocaleChoice {
                tag: locale.tag(),
                label: match locale {
                    Locale::En => "English",
                    Locale::ZhCn => "简体中文",
                    Locale::ZhTw => "繁體中文",
                },
                current: locale == self.locale,
                url: self.address_in(locale),
            })
            .collect()
    }

    /// Readable objects in groups: packages, the tenant's own, the organisation. Detail objects are reached through
    /// their masters.
    pub fn nav(&self, current: Option<&Object>) -> Vec<NavGroup> {
        [Layer::Package, Layer::Tenant, Layer::Platform]
            .into_iter()
            .filter_map(|layer| {
                let mut items: Vec<NavItem> = self
                    .objects
                    .iter()
                    .map(|index| self.snapshot.object(*index))
                    .filter(|object| object.layer == layer && object.master.is_none())
                    .map(|object| self.nav_item(object, current))
                    .collect();
                items.sort_by(|a, b| a.label.cmp(&b.label));
                (!items.is_empty()).then(|| NavGroup { label: self.layer_label(layer), items })
            })
            .collect()
    }

    fn nav_item(&self, object: &Object, current: Option<&Object>) -> NavItem {
        let label = object.label(self.locale);
        NavItem {
            url: self.links().list(object),
            current: current.is_some_and(|current| current.index == object.index),
            initial: initial(&label),
            tone: name_tone(object.name.as_str()),
            label,
        }
    }

    fn layer_label(&self, layer: Layer) -> String {
        match (layer, self.snapshot.packages.as_slice()) {
            (Layer::Platform, _) => self.text(Message::Organisation).to_owned(),
            (Layer::Tenant, _) => self.text(Message::CustomObjects).to_owned(),
            (Layer::Package, [package]) => package.label.or_name(self.locale, package.name.as_str()),
            (Layer::Package, _) => self.text(Message::Apps).to_owned(),
        }
    }
}

/// A label inside a sentence: English nouns go lower-case, unless they look like an abbreviation.
pub fn in_sentence(locale: Locale, label: &str) -> String {
    let mut chars = label.chars();
    match (locale, chars.next(), chars.next()) {
        (Locale::En, Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(label.chars().skip(1)).collect()
        }
        _ => label.to_owned(),
    }
}

/// The first letter, for tiles and avatars.
pub fn initial(name: &str) -> String {
    name.trim().chars().next().map_or_else(|| "·".to_owned(), |first| first.to_uppercase().collect())
}
