//! A query string to the request form, every finding at once.

use std::collections::HashSet;

use trellis_metadata::column::ColumnKind;
use trellis_metadata::diagnostic::nearest;
use trellis_metadata::predicate::Predicate;
use trellis_metadata::snapshot::{FieldIndex, Object, Snapshot};
use trellis_plan::request::{EmbedRelation, SelectRequest, TotalsRequest};

use super::conflict::conflict_key;
use super::cursor::{CursorBinding, CursorContext};
use super::grammar::{self, Condition, Function, Item, Tally};
use super::names::Scope;
use super::query_string::{self, Asking, Pair};
use super::totals::Totals;
use super::{lower, paging};
use crate::Rights;
use crate::error_code::ErrorCode;
use crate::problem::{FieldError, Problem};

const MAX_EMBEDS: usize = 20;
const PARAMETERS: [&str; 10] =
    ["select", "order", "limit", "offset", "cursor", "and", "or", "not.and", "not.or", "columns"];
/// Further ones, of aggregates.
const TOTALS: [&str; 2] = ["group", "having"];

/// What a list request says outside its query string.
#[derive(Clone, Copy, Debug)]
pub struct ListOptions<'a> {
    /// The `Range` header when its unit is `items` or absent; `limit` and `offset` win over it.
    pub range: Option<&'a str>,
    pub cursor: CursorContext<'a>,
}

#[derive(Clone, Debug)]
pub struct ListQuery {
    pub request: SelectRequest,
    /// `select=` holds aggregates: then these are asked for, and not records.
    pub totals: Option<TotalsRequest>,
    /// Issues the cursor of the next page.
    pub binding: CursorBinding,
}

/// The query string of POST, PATCH, PUT and DELETE.
#[derive(Clone, Debug, PartialEq)]
pub struct WriteQuery {
    /// Which records, and what `return=representation` shows of them.
    pub select: SelectRequest,
    /// `columns=`: the fields a bulk insert writes, as named.
    pub columns: Option<Vec<String>>,
    /// `on_conflict=`: fields of a declared unique key.
    pub on_conflict: Option<Vec<FieldIndex>>,
    /// Some filter was given: without one (and without an id) a write must be refused.
    pub is_filtered: bool,
    /// `purge=true`: what is deleted goes for good.
    pub purge: bool,
}

/// Reads a list or a single record. Without the right to read the object it does not exist.
pub fn parse_select(
    snapshot: &Snapshot,
    rights: &dyn Rights,
    object: &Object,
    asking: Asking<'_>,
    options: ListOptions<'_>,
) -> Result<ListQuery, Problem> {
    let scope = Scope::open(snapshot, rights, object).ok_or_else(|| Problem::unknown_object(object.name.as_str()))?;
    let pairs = query_string::read(asking)?;
    let binding = CursorBinding::new(options.cursor, object.id.as_str(), &pairs);
    let mut reading = Reading::start(scope, &pairs, Mode::List);
    reading.take_all(&pairs, &["columns", "on_conflict"]);
    reading.take_range(&pairs, options.range);
    reading.take_cursor(&pairs, &binding);
    let totals = reading.totals_request();
    Ok(ListQuery { request: reading.finish()?, totals, binding })
}

/// Reads `GET …/aggregate`: `group=`, `select=` with aggregates, filters, `having=`, `order=`, `limit=`, `offset=`.
pub fn parse_totals(
    snapshot: &Snapshot,
    rights: &dyn Rights,
    object: &Object,
    query: &str,
) -> Result<TotalsRequest, Problem> {
    let unknown = || Problem::unknown_object(object.name.as_str());
    let scope = Scope::open(snapshot, rights, object).ok_or_else(unknown)?;
    let pairs = query_string::split(query)?;
    let mut reading = Reading::start(scope, &pairs, Mode::Totals);
    reading.take_all(&pairs, &["columns", "on_conflict", "cursor"]);
    let totals = reading.totals_request();
    reading.finish()?;
    totals.ok_or_else(unknown)
}

/// Reads the query string of a write.
pub fn parse_write(
    snapshot: &Snapshot,
    rights: &dyn Rights,
    object: &Object,
    query: &str,
) -> Result<WriteQuery, Problem> {
    let pairs = query_string::split(query)?;
    let scope = Scope { snapshot, rights, object };
    let mut reading = Reading::start(scope, &pairs, Mode::Write);
    reading.take_all(&pairs, &["cursor", "order", "limit", "offset"]);
    reading.refuse_inner_embeds();
    let columns = reading.names(&pairs, "columns");
    let on_conflict = reading.conflict_key(&pairs);
    let is_filtered = reading.is_filtered;
    let purge = pairs.iter().any(|pair| is_purge(pair) && pair.value == "true");
    Ok(WriteQuery { select: reading.finish()?, columns, on_conflict, is_filtered, purge })
}

/// What a query string is read for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    List,
    Write,
    Totals,
}

struct Reading<'a> {
    scope: Scope<'a>,
    mode: Mode,
    request: SelectRequest,
    /// Aggregates in place of records.
    totals: Option<Totals<'a>>,
    findings: Vec<FieldError>,
    tally: Tally,
    is_filtered: bool,
}

impl<'a> Reading<'a> {
    fn start(scope: Scope<'a>, pairs: &[Pair], mode: Mode) -> Self {
        let mut findings = Vec::new();
        let default = match mode {
            Mode::List | Mode::Write => Item::All,
            Mode::Totals => Item::Aggregate { alias: None, field: None, function: Function::Count },
        };
        let mut items = vec![default];
        if let Some(pair) = pairs.iter().find(|pair| pair.key == "select" && !pair.value.trim().is_empty()) {
            match grammar::parse_items(&pair.value) {
                Ok(given) if count_embeds(&given) > MAX_EMBEDS => findings.push(
                    FieldError::new(ErrorCode::QueryTooLarge, "?select")
                        .with("what", "embeds")
                        .with("limit", MAX_EMBEDS),
                ),
                Ok(given) => items = given,
                Err(trouble) => findings.push(trouble.finding("select", &pair.value)),
            }
        }
        let mut reading = Self {
            scope,
            mode,
            request: lower::empty(scope),
            totals: None,
            findings,
            tally: Tally::default(),
            is_filtered: false,
        };
        let has_aggregates = items.iter().any(|item| matches!(item, Item::Aggregate { .. }));
        if mode == Mode::Totals || (mode == Mode::List && has_aggregates) {
            reading.start_totals(pairs, &items);
        } else {
            reading.request = lower::select(scope, &items, "?select", &mut reading.findings);
        }
        reading
    }

    /// The columns of the answer come first: order and `having` speak of them.
    fn start_totals(&mut self, pairs: &[Pair], items: &[Item]) {
        let mut totals = Totals::new(self.scope);
        let named = |key: &str| pairs.iter().find(|pair| pair.key == key).filter(|_| self.mode == Mode::Totals);
        let (groups, having) = (named("group"), named("having"));
        if let Some(pair) = groups {
            match grammar::parse_groups(&pair.value) {
                Ok(keys) => totals.group(&keys, &mut self.findings),
                Err(trouble) => self.findings.push(trouble.finding(&pair.key, &pair.value)),
            }
        }
        totals.select(items, &mut self.findings);
        if let Some(pair) = having {
            match grammar::parse_group(&pair.value, &mut self.tally) {
                Ok(conditions) => totals.having(&conditions, &mut self.findings),
                Err(trouble) => self.findings.push(trouble.finding(&pair.key, &pair.value)),
            }
        }
        self.totals = Some(totals);
    }

    fn totals_request(&mut self) -> Option<TotalsRequest> {
        let Totals { columns, having, order, .. } = self.totals.take()?;
        let SelectRequest { object, ref filter, limit, offset, .. } = self.request;
        Some(TotalsRequest { object, columns, filter: filter.clone(), having, order, limit, offset })
    }

    fn take_all(&mut self, pairs: &[Pair], refused: &[&str]) {
        let mut once = HashSet::new();
        for pair in pairs {
            let single = self.is_parameter(&pair.key) && !pair.key.ends_with("and") && !pair.key.ends_with("or");
            if single && !once.insert(pair.key.as_str()) {
                self.findings
                    .push(FieldError::new(ErrorCode::DuplicateParameter, pair.pointer()).with("name", &pair.key));
            } else if refused.contains(&pair.key.as_str()) {
                let feature = format!("The parameter `{}`", pair.key);
                self.findings.push(FieldError::new(ErrorCode::Unsupported, pair.pointer()).with("feature", feature));
            } else {
                self.take(pair);
            }
        }
    }

    fn is_parameter(&self, key: &str) -> bool {
        PARAMETERS.contains(&key) || (self.mode == Mode::Totals && TOTALS.contains(&key))
    }

    fn take(&mut self, pair: &Pair) {
        match pair.key.as_str() {
            "group" | "having" if self.mode == Mode::Totals => {}
            "select" | "cursor" | "columns" | "on_conflict" => {}
            "purge" if self.mode == Mode::Write && is_purge(pair) => {}
            key => match path(key) {
                Some((path, last)) => self.take_at(&path, last, pair),
                None => self.findings.push(self.unknown(pair)),
            },
        }
    }

    /// `lines.quantity=gt.2`, `order=…`, `lines.not.or=(…)`: the parameter `last` of the request at `path`.
    fn take_at(&mut self, path: &[&str], last: &str, pair: &Pair) {
        let mut request = &mut self.request;
        let mut scope = self.scope;
        let mut is_one = false;
        for name in path {
            let found = request.embeds.iter_mut().find(|embed| embed.name == *name);
            let inner = found.and_then(|embed| scope.at(embed.request.object).map(|scope| (embed, scope)));
            let Some((embed, inner)) = inner else {
                self.findings.push(FieldError::new(ErrorCode::NotEmbedded, pair.pointer()).with("name", name));
                return;
            };
            scope = inner;
            is_one = matches!(embed.relation, EmbedRelation::One { .. });
            request = &mut embed.request;
        }
        let pointer = pair.pointer();
        let text = pair.value.as_str();
        match last {
            "order" | "limit" | "offset" if is_one => {
                let feature = format!("`{last}` of a single related record");
                self.findings.push(FieldError::new(ErrorCode::Unsupported, pointer).with("feature", feature));
            }
            "order" if path.is_empty() && self.totals.is_some() => match (grammar::parse_order(text), &mut self.totals)
            {
                (Ok(keys), Some(totals)) => totals.order(&keys, &mut self.findings),
                (Ok(_), None) => {}
                (Err(trouble), _) => self.findings.push(trouble.finding(&pair.key, text)),
            },
            "order" => match grammar::parse_order(text) {
                Ok(keys) => match lower::order(scope, &keys, &pointer) {
                    Ok(keys) => request.order = keys,
                    Err(findings) => self.findings.extend(findings),
                },
                Err(trouble) => self.findings.push(trouble.finding(&pair.key, text)),
            },
            "limit" => match paging::limit(text, &pointer) {
                Ok(limit) => request.limit = limit,
                Err(finding) => self.findings.push(finding),
            },
            "offset" => match paging::offset(text, &pointer) {
                Ok(offset) => request.offset = offset,
                Err(finding) => self.findings.push(finding),
            },
            _ => {
                let filter = filter(scope, last, pair, path.is_empty(), &mut self.tally, &mut self.findings);
                let before = std::mem::replace(&mut request.filter, Predicate::Always(true));
                request.filter = before.and(filter);
                self.is_filtered |= path.is_empty();
            }
        }
    }

    fn unknown(&self, pair: &Pair) -> FieldError {
        unknown_parameter(self.scope, pair, &pair.key)
    }

    fn take_range(&mut self, pairs: &[Pair], range: Option<&str>) {
        let sliced = pairs.iter().any(|pair| matches!(pair.key.as_str(), "limit" | "offset" | "cursor"));
        let taken = range.filter(|_| !sliced).map(|range| paging::range(range, &mut self.request));
        self.findings.extend(taken.and_then(Result::err));
    }

    fn take_cursor(&mut self, pairs: &[Pair], binding: &CursorBinding) {
        let Some(pair) = pairs.iter().find(|pair| pair.key == "cursor") else { return };
        if self.totals.is_some() {
            let finding = FieldError::new(ErrorCode::Unsupported, "?cursor");
            self.findings.push(finding.with("feature", "`cursor` beside an aggregate"));
            return;
        }
        if pairs.iter().any(|pair| pair.key == "offset") {
            let finding =
                FieldError::new(ErrorCode::Unsupported, "?offset").with("feature", "`offset` beside `cursor`");
            self.findings.push(finding);
        }
        let mut kinds: Vec<_> =
            self.request.order.iter().map(|key| self.scope.object.field(key.field).column).collect();
        kinds.push(ColumnKind::Id);
        match binding.open(&pair.value, &kinds) {
            Some(values) => self.request.after = Some(values),
            None => self.findings.push(FieldError::new(ErrorCode::InvalidCursor, "?cursor")),
        }
    }

    /// In a list, `!inner` narrows the records; which records a write is about is said by its own filters alone.
    fn refuse_inner_embeds(&mut self) {
        if self.request.embeds.iter().any(|embed| embed.inner) {
            let finding = FieldError::new(ErrorCode::Unsupported, "?select");
            self.findings.push(finding.with("feature", "`!inner` in a write"));
        }
    }

    fn names(&mut self, pairs: &[Pair], key: &str) -> Option<Vec<String>> {
        let pair = pairs.iter().find(|pair| pair.key == key)?;
        match grammar::parse_names(&pair.value) {
            Ok(names) => Some(names),
            Err(trouble) => {
                self.findings.push(trouble.finding(key, &pair.value));
                None
            }
        }
    }

    fn conflict_key(&mut self, pairs: &[Pair]) -> Option<Vec<FieldIndex>> {
        let names = self.names(pairs, "on_conflict")?;
        let found = conflict_key(&self.scope, &names);
        found.map_err(|finding| self.findings.push(finding)).ok()
    }

    fn finish(self) -> Result<SelectRequest, Problem> {
        if self.findings.is_empty() { Ok(self.request) } else { Err(Problem::of_query(self.findings)) }
    }
}

fn filter(
    scope: Scope<'_>,
    last: &str,
    pair: &Pair,
    at_top: bool,
    tally: &mut Tally,
    findings: &mut Vec<FieldError>,
) -> Predicate {
    let pointer = pair.pointer();
    let parsed = match last {
        "and" => grammar::parse_group(&pair.value, tally).map(Condition::And),
        "or" => grammar::parse_group(&pair.value, tally).map(Condition::Or),
        "not.and" => grammar::parse_group(&pair.value, tally).map(|all| Condition::Not(Condition::And(all).into())),
        "not.or" => grammar::parse_group(&pair.value, tally).map(|any| Condition::Not(Condition::Or(any).into())),
        field => {
            if at_top && scope.find_field(field).is_none() {
                findings.push(unknown_parameter(scope, pair, field));
                return Predicate::Always(false);
            }
            grammar::parse_one(&pair.value, tally).map(|test| Condition::Test { field: field.to_owned(), test })
        }
    };
    match parsed {
        Ok(tree) => lower::condition(scope, &tree, &pointer, findings),
        Err(trouble) => {
            findings.push(trouble.finding(&pair.key, &pair.value));
            Predicate::Always(false)
        }
    }
}

/// A field of this name is filtered by an operator, so that the two are never taken for each other.
fn is_purge(pair: &Pair) -> bool {
    pair.key == "purge" && matches!(pair.value.as_str(), "true" | "false")
}

/// A parameter that is neither one of ours nor a field the caller may see.
fn unknown_parameter(scope: Scope<'_>, pair: &Pair, name: &str) -> FieldError {
    let fields = scope.readable_fields().map(|field| field.name.as_str());
    let suggestion = nearest(name, fields.chain(PARAMETERS));
    FieldError::new(ErrorCode::UnknownParameter, pair.pointer()).with("name", name).suggest(suggestion)
}

/// `a.b.order` → (`[a, b]`, `order`); `not.or` stays together. `None` for an empty part or a path too deep.
fn path(key: &str) -> Option<(Vec<&str>, &str)> {
    let negated = ["not.and", "not.or"]
        .into_iter()
        .find(|word| key.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with('.')));
    let (before, last) = match negated {
        Some(word) => (key[..key.len() - word.len()].trim_end_matches('.'), &key[key.len() - word.len()..]),
        None => key.rsplit_once('.').unwrap_or(("", key)),
    };
    let path: Vec<&str> = if before.is_empty() { Vec::new() } else { before.split('.').collect() };
    let sound = !last.is_empty() && path.len() <= grammar::MAX_EMBED_DEPTH && path.iter().all(|part| !part.is_empty());
    sound.then_some((path, last))
}

fn count_embeds(items: &[Item]) -> usize {
    let inside = |item: &Item| match item {
        Item::Embed { items, .. } => 1 + count_embeds(items),
        _ => 0,
    };
    items.iter().map(inside).sum()
}
