//! Stage 16: workflows. The trigger and who it runs as; the steps are `steps`.

use std::sync::Arc;

use super::catalog::{Catalog, Item};
use super::expressions::{At, Compiler, Use};
use super::findings::Findings;
use super::recipients;
use super::steps::Program;
use crate::document::workflow::{self, On};
use crate::snapshot::{Timing, Workflow};

pub fn resolve(catalog: &Catalog<'_>, compiler: &Compiler<'_>, findings: &mut Findings) -> Vec<Arc<Workflow>> {
    let each = catalog.workflows.iter();
    each.filter_map(|item| resolve_one(item, catalog, compiler, findings)).map(Arc::new).collect()
}

fn resolve_one(
    item: &Item<'_, workflow::Workflow>,
    catalog: &Catalog<'_>,
    compiler: &Compiler<'_>,
    findings: &mut Findings,
) -> Option<Workflow> {
    let (document, body) = (item.document, item.body);
    let object = catalog.find_object(&body.trigger.object, document, "/trigger/object", findings)?;
    let when = body.trigger.when.as_ref();
    let when = when.and_then(|source| {
        compiler.condition(source, (object, Use::Change), &At::new(document, "/trigger/when"), findings)
    });
    let timing = match body.trigger.on {
        On::BeforeSave => Timing::BeforeSave,
        On::AfterCommit => Timing::AfterCommit,
    };
    let run_as = recipients::run_as(body.run_as.as_deref(), &At::new(document, "/run_as"), catalog, findings);
    let program = Program { catalog, compiler, object: compiler.object(object), timing };
    let steps = program.steps(&body.steps, &At::new(document, "/steps"), findings);
    Some(Workflow {
        id: document.id.clone(),
        name: document.name.clone(),
        label: document.label.clone(),
        object,
        timing,
        events: body.trigger.events.clone(),
        when,
        run_as,
        steps,
    })
}
