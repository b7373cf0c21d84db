//! The recycle bin over the API: what lies in it, the way back, the way out for good.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use trellis_api::rest::Asking;
use trellis_api::{ErrorCode, FieldError, Problem};
use trellis_engine::records::{self, Change, Transaction};
use trellis_engine::request::Trash;
use trellis_metadata::snapshot::Verb;
use uuid::Uuid;

use super::records::{answer_list, read_query, readable};
use super::target::{Begun, Target};
use super::writes::{demand, done, finish, tagged};
use crate::exchange::Exchange;
use crate::failure::{Failure, problem};
use crate::reply::Reply;
use crate::transact::{Outcome, Settled, Wanted, settle, transact};

type Answer = Result<HttpResponse, Failure>;

/// `GET /t/{tenant}/api/v1/{object}/deleted`
pub async fn list(exchange: Exchange, path: Path<(String, String)>, request: HttpRequest) -> Answer {
    exchange.answer(async |exchange| try_list(exchange, &path.1, &request).await).await
}

async fn try_list(exchange: &Exchange, name: &str, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let object = readable(exchange, name)?;
    demand(exchange, object, &[Verb::Delete])?;
    let mut asked = read_query(exchange, object, request, Asking::Address(request.query_string()))?;
    if asked.query.totals.is_some() {
        let finding = FieldError::new(ErrorCode::Unsupported, "?select").with("feature", "Totals of deleted records");
        return Err(Problem::of_query(vec![finding]));
    }
    asked.query.request.trash = Trash::Only;
    answer_list(exchange, asked).await
}

/// `POST /t/{tenant}/api/v1/{object}/{id}/restore`
pub async fn restore(
    exchange: Exchange,
    path: Path<(String, String, String)>,
    request: HttpRequest,
    body: Bytes,
) -> Answer {
    exchange.answer(async |exchange| try_restore(exchange, (&path.1, &path.2), &request, &body).await).await
}

async fn try_restore(
    exchange: &Exchange,
    (name, id): (&str, &str),
    request: &HttpRequest,
    body: &[u8],
) -> Result<HttpResponse, Problem> {
    let target = match Target::read(exchange, (name, Some(id)), request, body, Verb::Delete).await? {
        Begun::New(target) => *target,
        Begun::Answered(answer) => return Ok(answer),
    };
    target.refuse_filter("A filter beside a restore")?;
    let Target { object, keyed, preferences, expected, wanted, chosen, .. } = target;
    let index = object.index;
    let changes = move |_: &Transaction<'_>| {
        let change = |id| (Change::Restore { object: index, id, expected }, String::new());
        Ok(chosen.id.into_iter().map(change).collect())
    };
    let reply = move |wanted: &Wanted, outcome: Outcome| {
        finish(tagged(Reply::new(done(wanted)), true, &outcome), wanted, &preferences, outcome)
    };
    transact(exchange, wanted, keyed, changes, reply).await
}

/// `DELETE /t/{tenant}/api/v1/{object}/{id}?purge=true`
pub async fn purge(exchange: &Exchange, target: Target<'_>, id: Uuid) -> Result<HttpResponse, Problem> {
    let Target { object, keyed, preferences, expected, .. } = target;
    let index = object.index;
    let gone = settle(exchange, keyed, move |tx| {
        records::purge(tx, index, id, expected)?;
        let mut reply = Reply::new(StatusCode::NO_CONTENT);
        if let Some(applied) = preferences.applied() {
            reply = reply.header("preference-applied", applied);
        }
        Ok(Settled { reply: Ok(reply), keeps: !preferences.is_rollback() })
    });
    gone.await.map_err(problem)?
}
