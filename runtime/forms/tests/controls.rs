//! The control of every field kind against `tests/controls/`, empty, filled and refused.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod support;

use support::{compare, folder, labels, lookups, site, snapshot, visit};
use trellis_access::FieldMask;
use trellis_forms::{Control, EditInput, FieldProblem, Renderer, RowView, edit_page};
use trellis_metadata::label::Locale;
use trellis_metadata::snapshot::Snapshot;

fn controls(snapshot: &Snapshot, row: &RowView, problems: &[FieldProblem], complete: bool) -> Vec<Control> {
    let object = snapshot.object_by_name("visit").unwrap();
    let all = FieldMask::all(object.fields.len());
    let input = EditInput {
        object,
        form: None,
        record: Some((row, 1)),
        preset: row,
        readable: &all,
        writable: &all,
        children: &[],
        labels: &labels(),
        lookups: &lookups(snapshot, complete),
        input: None,
        problems,
        transition: None,
        conditions: &|_| true,
    };
    edit_page(&site(snapshot, &[], Locale::En), input).content.sections.into_iter().flat_map(|s| s.controls).collect()
}

#[test]
fn controls_are_as_recorded() {
    let snapshot = snapshot();
    let renderer = Renderer::new().unwrap();
    let object = snapshot.object_by_name("visit").unwrap();
    let filled = controls(&snapshot, &visit(&snapshot), &[], true);
    let empty = controls(&snapshot, &RowView::default(), &[], false);
    let problems: Vec<FieldProblem> =
        object.fields.iter().map(|field| FieldProblem::new(format!("f.{}", field.name), "Not <good>.")).collect();
    let refused = controls(&snapshot, &RowView::default(), &problems, false);
    assert!(filled.len() >= 20 && filled.len() == empty.len() && filled.len() == refused.len());
    let wrong: Vec<String> = filled
        .iter()
        .zip(&empty)
        .zip(&refused)
        .filter_map(|((filled, empty), refused)| {
            let shown = [("filled", filled), ("empty", empty), ("refused", refused)].map(|(name, control)| {
                format!("<!-- {name} -->\n{}", renderer.render_control(control, Locale::En).unwrap())
            });
            compare(&folder("controls").join(format!("{}.html", filled.name)), &shown.concat()).err()
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
