//! Reads planned once per publish and kept: the same question under the same rights is not planned again.
//!
//! Knows nothing of how a question is written; whoever asks names it by a text of its own.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use trellis_access::Profile;
use trellis_metadata::snapshot::ObjectIndex;
use trellis_plan::records::SelectPlan;
use trellis_plan::request::SelectRequest;

/// A request with its plan.
#[derive(Debug)]
pub struct Prepared {
    pub request: SelectRequest,
    pub plan: Arc<SelectPlan>,
}

/// What is read: one record, or a page of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extent {
    One,
    Page,
}

/// Kept plans; beyond so many all are dropped and begun anew.
const CAPACITY: usize = 2_048;
/// Longer questions are not asked often enough to be kept.
const LONGEST: usize = 1_024;

#[derive(Default)]
pub struct Plans {
    kept: RwLock<Kept>,
}

#[derive(Default)]
struct Kept {
    count: usize,
    questions: HashMap<(usize, ObjectIndex, Extent), Questions>,
}

/// The questions of one profile about one object, by their text.
struct Questions {
    /// Held so that its address, which the key is made of, stays its own.
    _profile: Arc<Profile>,
    plans: HashMap<Box<str>, Arc<Prepared>>,
}

impl Plans {
    pub fn find(
        &self,
        profile: &Arc<Profile>,
        object: ObjectIndex,
        extent: Extent,
        question: &str,
    ) -> Option<Arc<Prepared>> {
        self.kept.read().questions.get(&(address(profile), object, extent))?.plans.get(question).cloned()
    }

    pub fn keep(
        &self,
        profile: &Arc<Profile>,
        object: ObjectIndex,
        extent: Extent,
        question: &str,
        prepared: Prepared,
    ) -> Arc<Prepared> {
        let prepared = Arc::new(prepared);
        if question.len() > LONGEST {
            return prepared;
        }
        let mut kept = self.kept.write();
        if kept.count >= CAPACITY {
            *kept = Kept::default();
        }
        kept.count += 1;
        let questions = kept
            .questions
            .entry((address(profile), object, extent))
            .or_insert_with(|| Questions { _profile: profile.clone(), plans: HashMap::new() });
        questions.plans.insert(question.into(), prepared.clone());
        prepared
    }
}

fn address(profile: &Arc<Profile>) -> usize {
    Arc::as_ptr(profile).addr()
}
