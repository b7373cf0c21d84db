//! The metadata API: validate, plan, apply, documents, revisions. For `tenant_admin` only.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Path, Query};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use trellis_api::{ErrorCode, Problem};
use trellis_engine::publish::{self, Confirmation, DocumentChanges, Plan};
use trellis_metadata::document::Kind;
use trellis_metadata::label::Label;

use crate::exchange::{Exchange, blocking};
use crate::failure::{Failure, unreadable};

type Answer = Result<HttpResponse, Failure>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    documents: Vec<Box<RawValue>>,
    /// The file of each, as of a package folder: which package it belongs to, and what findings call it.
    #[serde(default)]
    files: Option<Vec<String>>,
    /// Remove what is missing of the packages whose package document is among them.
    #[serde(default)]
    prune: bool,
    /// Documents to take away, as `{"kind","id"}`.
    #[serde(default)]
    remove: Vec<Removal>,
    /// Of the plan, where it risks anything.
    hash: Option<String>,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Removal {
    kind: String,
    id: String,
}

/// `POST /t/{tenant}/meta/v1/validate`
pub async fn validate(exchange: Exchange, body: Bytes) -> Answer {
    exchange.answer(async |exchange| try_plan(exchange, &body, "validate").await).await
}

/// `POST /t/{tenant}/meta/v1/plan`
pub async fn plan(exchange: Exchange, body: Bytes) -> Answer {
    exchange.answer(async |exchange| try_plan(exchange, &body, "plan").await).await
}

async fn try_plan(exchange: &Exchange, body: &[u8], what: &'static str) -> Result<HttpResponse, Problem> {
    demand_admin(exchange)?;
    let (changes, _, _) = read(body)?;
    let tenant = exchange.tenant.clone();
    let plan = blocking(move || publish::plan(&tenant, changes)).await?;
    if what == "validate" {
        return Ok(answer(&plan).json(json!({ "diagnostics": plan.diagnostics })));
    }
    Ok(answer(&plan).json(&plan))
}

/// `POST /t/{tenant}/meta/v1/apply`
pub async fn apply(exchange: Exchange, body: Bytes) -> Answer {
    exchange.answer(async |exchange| try_apply(exchange, &body).await).await
}

async fn try_apply(exchange: &Exchange, body: &[u8]) -> Result<HttpResponse, Problem> {
    demand_admin(exchange)?;
    let (changes, hash, message) = read(body)?;
    let confirmation = hash.map_or(Confirmation::SafeOnly, Confirmation::Hash);
    let (tenant, caller) = (exchange.tenant.clone(), exchange.caller.clone());
    let plan = blocking(move || publish::apply(&tenant, changes, &confirmation, &caller, &message)).await?;
    Ok(answer(&plan).json(&plan))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RollbackBody {
    revision: u64,
    /// Of the plan, where going back risks anything.
    hash: Option<String>,
}

/// `POST /t/{tenant}/meta/v1/rollback` `{"revision"}`: publishes the documents of an earlier revision as a new one.
pub async fn rollback(exchange: Exchange, body: Bytes) -> Answer {
    exchange.answer(async |exchange| try_rollback(exchange, &body).await).await
}

async fn try_rollback(exchange: &Exchange, body: &[u8]) -> Result<HttpResponse, Problem> {
    demand_admin(exchange)?;
    let RollbackBody { revision, hash } = serde_json::from_slice(body).map_err(unreadable)?;
    let confirmation = hash.map_or(Confirmation::SafeOnly, Confirmation::Hash);
    let (tenant, caller) = (exchange.tenant.clone(), exchange.caller.clone());
    let plan = blocking(move || {
        let changes = publish::back_to(&tenant, revision)?;
        publish::apply(&tenant, changes, &confirmation, &caller, &format!("back to revision {revision}"))
    });
    let plan = plan.await.map_err(|problem| unknown_revision(problem, revision))?;
    Ok(answer(&plan).json(&plan))
}

fn unknown_revision(problem: Problem, revision: u64) -> Problem {
    match problem.code {
        ErrorCode::UnknownRecord => Problem::new(ErrorCode::UnknownRevision).with("revision", revision),
        _ => problem,
    }
}

/// Documents with errors change nothing.
fn answer(plan: &Plan) -> actix_web::HttpResponseBuilder {
    if plan.has_errors() { HttpResponse::UnprocessableEntity() } else { HttpResponse::Ok() }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentsQuery {
    kind: Option<String>,
    /// Those of an earlier revision.
    revision: Option<u64>,
}

/// `GET /t/{tenant}/meta/v1/documents[?kind=&revision=]`
pub async fn documents(exchange: Exchange, query: Query<DocumentsQuery>) -> Answer {
    exchange.answer(async |exchange| try_documents(exchange, &query).await).await
}

async fn try_documents(exchange: &Exchange, query: &DocumentsQuery) -> Result<HttpResponse, Problem> {
    demand_admin(exchange)?;
    let set = match query.revision {
        None => exchange.pinned.documents.clone(),
        Some(revision) => {
            let tenant = exchange.tenant.clone();
            let documents = blocking(move || publish::documents_at(&tenant, revision)).await;
            Arc::new(documents.map_err(|problem| unknown_revision(problem, revision))?)
        }
    };
    let (all, kind) = (set.documents.iter(), query.kind.as_deref());
    let wanted = all.filter(|document| kind.is_none_or(|kind| document.kind().name() == kind));
    let (documents, files): (Vec<_>, Vec<_>) = wanted.map(|document| (document.json(), document.path())).unzip();
    let revision = query.revision.unwrap_or(exchange.pinned.revision);
    Ok(HttpResponse::Ok().json(json!({ "revision": revision, "documents": documents, "files": files })))
}

/// `GET /t/{tenant}/meta/v1/revisions`
pub async fn revisions(exchange: Exchange) -> Answer {
    exchange.answer(try_revisions).await
}

async fn try_revisions(exchange: &Exchange) -> Result<HttpResponse, Problem> {
    demand_admin(exchange)?;
    let tenant = exchange.tenant.clone();
    let revisions = blocking(move || publish::revisions(&tenant, 500)).await?;
    Ok(HttpResponse::Ok().json(json!({ "revisions": revisions.iter().map(revision_json).collect::<Vec<_>>() })))
}

fn revision_json(revision: &trellis_engine::Revision) -> serde_json::Value {
    json!({
        "revision": revision.revision,
        "parent": revision.parent,
        "author": revision.author,
        "at": revision.at,
        "message": revision.message,
        "hash": revision.hash,
    })
}

/// `GET /t/{tenant}/meta/v1/schemas/{kind}`
pub async fn schema(exchange: Exchange, path: Path<(String, String)>) -> Answer {
    let found = Kind::from_name(&path.1);
    let shown = async |_: &Exchange| match found {
        Some(kind) => Ok(HttpResponse::Ok().json(trellis_metadata::schema::schema(kind))),
        None => Err(Problem::new(ErrorCode::UnknownDocument)),
    };
    exchange.answer(shown).await
}

fn demand_admin(exchange: &Exchange) -> Result<(), Problem> {
    if exchange.caller.actor.has_role(trellis_engine::TENANT_ADMIN) {
        Ok(())
    } else {
        Err(Problem::new(ErrorCode::Forbidden))
    }
}

fn read(body: &[u8]) -> Result<(DocumentChanges, Option<String>, String), Problem> {
    let Body { documents, files, prune, remove, hash, message } = serde_json::from_slice(body).map_err(unreadable)?;
    let texts = documents.iter().map(|document| document.get());
    let mut changes = match files {
        None => DocumentChanges::from_texts(texts),
        Some(files) if files.len() == documents.len() => DocumentChanges::from_files(files.into_iter().zip(texts)),
        Some(files) => return Err(unequal(files.len(), documents.len())),
    };
    if prune {
        changes = changes.pruned();
    }
    for removal in remove {
        let kind = Kind::from_name(&removal.kind).ok_or_else(|| Problem::new(ErrorCode::UnknownDocument))?;
        changes.remove.push((kind, removal.id));
    }
    Ok((changes, hash, message))
}

fn unequal(files: usize, documents: usize) -> Problem {
    let reason = format!("there are {files} files for {documents} documents; name one for each, in the same order");
    Problem::new(ErrorCode::InvalidRequest).detail(Label::plain(reason))
}
