//! A form as it was sent: pairs, and files among them, which are kept for the visitor while the form is read. Each
//! puts its id in the place of what its control held; one that is refused becomes a problem of its control.

use actix_multipart::{Field, Multipart};
use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Payload;
use futures_util::StreamExt as _;
use futures_util::stream::Fuse;
use trellis_api::{ErrorCode, Problem};
use trellis_engine::files::{self, Received};
use trellis_forms::{ErrorKind, FieldProblem, FormInput, Message, chosen, replacement};
use trellis_metadata::snapshot::Object;

use super::Visitor;
use super::visitor::{Origin, PageFailure, form_pairs};
use crate::receive::{next, receive, take_in};

/// Bytes of everything but the files.
const MAX_TEXT: usize = trellis_api::rest::MAX_BODY;
/// Files of one form.
const MAX_FILES: usize = 100;
/// Bytes of a file too large that are still read, to keep what else was typed.
const MAX_EXCESS: usize = 50_000_000;

#[derive(Clone, Debug)]
pub struct Sent {
    pub input: FormInput,
    pub origin: Origin,
    /// Files that were refused.
    pub problems: Vec<FieldProblem>,
}

impl Sent {
    /// The form, when it comes from a page of this session.
    pub fn form(&self, visitor: &Visitor) -> Result<FormInput, PageFailure> {
        match self.origin {
            Origin::ThisSession => Ok(self.input.clone()),
            Origin::Elsewhere => Err(visitor.expired()),
        }
    }
}

/// Reads the form of an object, in either encoding.
pub async fn read(
    visitor: &Visitor,
    object: &str,
    request: &HttpRequest,
    payload: Payload,
) -> Result<Sent, PageFailure> {
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let read = if media.to_ascii_lowercase().starts_with("multipart/form-data") {
        let object = visitor.pinned.snapshot.object_by_name(object);
        Reading::new(visitor, object).parts(Multipart::new(request.headers(), payload)).await
    } else {
        pairs(visitor, payload).await
    };
    read.map_err(|problem| visitor.shown(ErrorKind::Unprocessable, &[problem.text(visitor.locale)], None))
}

async fn pairs(visitor: &Visitor, payload: Payload) -> Result<Sent, Problem> {
    let body = match payload.to_bytes_limited(MAX_TEXT).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return Err(Problem::new(ErrorCode::InvalidRequest)),
        Err(_) => return Err(Problem::new(ErrorCode::BodyTooLarge).with("limit", MAX_TEXT)),
    };
    let input = FormInput::from_pairs(&form_pairs(&body));
    Ok(Sent { origin: visitor.origin(&input), input, problems: Vec::new() })
}

/// Asked again after its end, it has ended.
type Part = Fuse<Field>;

struct Reading<'v> {
    visitor: &'v Visitor,
    object: Option<&'v Object>,
    pairs: Vec<(String, String)>,
    problems: Vec<FieldProblem>,
    text: usize,
    files: usize,
}

impl<'v> Reading<'v> {
    fn new(visitor: &'v Visitor, object: Option<&'v Object>) -> Self {
        Self { visitor, object, pairs: Vec::new(), problems: Vec::new(), text: 0, files: 0 }
    }

    fn input(&self) -> FormInput {
        FormInput::from_pairs(&self.pairs)
    }

    async fn parts(mut self, mut parts: Multipart) -> Result<Sent, Problem> {
        // What came before the first file says whose page it is.
        let mut origin = None;
        while let Some(part) = parts.next().await {
            let part = part.map_err(|_| Problem::new(ErrorCode::InvalidRequest))?;
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.content_disposition().and_then(|said| said.get_filename()).map(str::to_owned);
            let mut part = part.fuse();
            let Some(file) = file else {
                let value = self.text(&mut part).await?;
                self.pairs.push((name, value));
                continue;
            };
            let origin = *origin.get_or_insert_with(|| self.visitor.origin(&self.input()));
            if file.is_empty() || origin == Origin::Elsewhere {
                excess(&mut part).await?;
            } else {
                self.file(&mut part, &name, file).await?;
            }
        }
        let input = self.input();
        Ok(Sent { origin: self.visitor.origin(&input), input, problems: self.problems })
    }

    async fn text(&mut self, part: &mut Part) -> Result<String, Problem> {
        let mut bytes = Vec::new();
        while let Some(more) = next(part).await? {
            self.text += more.len();
            if self.text > MAX_TEXT {
                return Err(Problem::new(ErrorCode::BodyTooLarge).with("limit", MAX_TEXT));
            }
            bytes.extend_from_slice(&more);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn file(&mut self, part: &mut Part, name: &str, file: String) -> Result<(), Problem> {
        let visitor = self.visitor;
        let place = self.object.and_then(|object| chosen(&visitor.pinned.snapshot, object, name));
        let Some((control, object, field)) = place else { return excess(part).await };
        let target = files::target(&visitor.pinned, &visitor.caller, object.name.as_str(), field.name.as_str());
        self.files += 1;
        let (Some(target), true) = (target, self.files <= MAX_FILES) else { return excess(part).await };
        let runtime = &visitor.state.runtime;
        let kept = match receive(runtime, target.rule.max_bytes, part).await {
            Ok(received) if received.is_empty() => return Ok(()),
            Ok(received) => self.take_in(target, received, file).await,
            Err(problem) => Err(problem),
        };
        match kept {
            Ok(id) => self.pairs.extend(replacement(&control, id)),
            Err(problem) if problem.code == ErrorCode::InvalidRequest => return Err(problem),
            Err(problem) => {
                let label = field.label(visitor.locale);
                let text = Message::About.fill(visitor.locale, &[&label, &problem.text(visitor.locale)]);
                self.problems.push(FieldProblem::new(control, text));
                excess(part).await?;
            }
        }
        Ok(())
    }

    async fn take_in(&self, target: files::Target, received: Received, name: String) -> Result<uuid::Uuid, Problem> {
        let Visitor { state, tenant, caller, .. } = self.visitor;
        take_in(&state.runtime, tenant, caller, target, received, name).await.map(|attachment| attachment.id)
    }
}

/// Reads over what is left of a part.
async fn excess(part: &mut Part) -> Result<(), Problem> {
    let mut read = 0;
    while let Some(more) = next(part).await? {
        read += more.len();
        if read > MAX_EXCESS {
            return Err(Problem::new(ErrorCode::BodyTooLarge).with("limit", MAX_EXCESS));
        }
    }
    Ok(())
}
