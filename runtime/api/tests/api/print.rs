//! Requests as short text, names instead of positions.

use std::fmt::Write as _;

use trellis_api::Problem;
use trellis_metadata::label::Locale;
use trellis_metadata::predicate::{Operand, Predicate};
use trellis_metadata::snapshot::{FieldIndex, ObjectIndex, Snapshot};
use trellis_plan::request::{EmbedRelation, RecordInput, SelectRequest, TotalSource, TotalsRequest};

pub struct Names<'a>(pub &'a Snapshot);

impl Names<'_> {
    fn field(&self, object: ObjectIndex, field: FieldIndex) -> &str {
        self.0.field(object, field).name.as_str()
    }

    pub fn request(&self, request: &SelectRequest, indent: &str) -> String {
        let mut out = String::new();
        let column = |column: &trellis_plan::request::SelectColumn| {
            let field = self.field(request.object, column.field);
            if field == column.name { field.to_owned() } else { format!("{}:{field}", column.name) }
        };
        let columns: Vec<String> = request.columns.iter().map(column).collect();
        let _ = writeln!(out, "{indent}select {}", columns.join(", "));
        let _ = writeln!(out, "{indent}where {}", self.predicate(&request.filter));
        for key in &request.order {
            let direction = if key.descending { "desc" } else { "asc" };
            let _ = writeln!(
                out,
                "{indent}order {} {direction} nulls {:?}",
                self.field(request.object, key.field),
                key.nulls
            );
        }
        let _ = writeln!(out, "{indent}limit {} offset {}", request.limit, request.offset);
        for embed in &request.embeds {
            let (how, via, holder) = match embed.relation {
                EmbedRelation::One { via } => ("one", via, request.object),
                EmbedRelation::Many { via } => ("many", via, embed.request.object),
            };
            let inner = if embed.inner { " inner" } else { "" };
            let _ = writeln!(out, "{indent}embed {} {how} via {}{inner}", embed.name, self.field(holder, via));
            out.push_str(&self.request(&embed.request, &format!("{indent}  ")));
        }
        out
    }

    pub fn totals(&self, totals: &TotalsRequest) -> String {
        let mut out = String::new();
        for column in &totals.columns {
            let (source, field) = match &column.source {
                TotalSource::Group { path, bucket: None } => ("group".to_owned(), path.steps.last().copied()),
                TotalSource::Group { path, bucket: Some(piece) } => (format!("{piece:?}"), path.steps.last().copied()),
                TotalSource::Count(field) => ("count".to_owned(), *field),
                TotalSource::Measure { function, field } => (format!("{function:?}"), Some(*field)),
            };
            let field = field.map_or("*", |field| self.field(totals.object, field));
            let _ = writeln!(out, "{} = {source} {field}", column.name);
        }
        let _ = writeln!(out, "where {}", self.predicate(&totals.filter));
        for key in &totals.order {
            let direction = if key.descending { "desc" } else { "asc" };
            let _ = writeln!(out, "order {} {direction} nulls {:?}", totals.columns[key.column].name, key.nulls);
        }
        let _ = writeln!(out, "limit {} offset {}", totals.limit, totals.offset);
        out
    }

    fn predicate(&self, predicate: &Predicate) -> String {
        let list = |all: &[Predicate]| all.iter().map(|one| self.predicate(one)).collect::<Vec<_>>();
        match predicate {
            Predicate::Always(always) => always.to_string(),
            Predicate::Compare { left, op, right } => format!("{} {op:?} {}", self.operand(left), self.operand(right)),
            Predicate::In { left, items } => {
                let items: Vec<_> = items.iter().map(|item| self.operand(item)).collect();
                format!("{} in [{}]", self.operand(left), items.join(", "))
            }
            Predicate::IsNull(operand) => format!("{} is null", self.operand(operand)),
            Predicate::Like { left, pattern, case } => format!("{} like {pattern:?} {case:?}", self.operand(left)),
            Predicate::Contains { left, codes } => format!("{} contains {codes:?}", self.operand(left)),
            Predicate::Within { left, codes } => format!("{} within {codes:?}", self.operand(left)),
            Predicate::And(all) => format!("({})", list(all).join(" and ")),
            Predicate::Or(any) => format!("({})", list(any).join(" or ")),
            Predicate::Not(inner) => format!("not {}", self.predicate(inner)),
            other => format!("{other:?}"),
        }
    }

    fn operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Field(path) => path.steps.iter().map(|step| self.field(path.object, *step)).collect(),
            Operand::Value(value) => value.to_json().to_string(),
            other => format!("{other:?}"),
        }
    }

    pub fn record(&self, record: &RecordInput, indent: &str) -> String {
        let mut out = String::new();
        let id = record.id.map_or_else(String::new, |id| format!(" {id}"));
        let _ = writeln!(out, "{indent}{}{id}", self.0.object(record.object).name);
        for (field, value) in &record.values {
            let _ = writeln!(out, "{indent}  {} = {}", self.field(record.object, *field), value.to_json());
        }
        for (collection, children) in &record.children {
            let _ = writeln!(out, "{indent}  {}:", self.0.object(record.object).collections[*collection].name);
            for child in children {
                let mark = if child.delete { "- " } else { "" };
                out.push_str(&self.record(&child.record, &format!("{indent}    {mark}")));
            }
        }
        out
    }
}

pub fn problem(problem: &Problem) -> String {
    let mut out = format!("{} {:?}: {}\n", problem.code.as_str(), problem.class(), problem.text(Locale::En));
    for error in &problem.errors {
        let _ = writeln!(out, "  {} {}: {}", error.pointer, error.code.as_str(), error.text(Locale::En));
    }
    out
}
