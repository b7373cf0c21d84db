//! A set of documents: a package folder, a tenant's current state, or what a request wants to change in it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::salvage::{Salvaged, salvage};
use super::{Document, Kind};
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::identifier::Identifier;
use crate::schema;
use crate::snapshot::Layer;
use crate::source::{MAX_DEPTH, Position, Source, is_too_deep};

#[derive(Clone, Debug, Default)]
pub struct DocumentSet {
    pub documents: Vec<Document>,
    /// Names of documents and fields that could not be read: that they are missing is no finding of its own.
    lost: BTreeSet<String>,
    /// Parts that were cut out of documents, by file.
    cuts: HashMap<String, Vec<String>>,
    /// Some document is here only in part, or not at all.
    damaged: bool,
}

impl DocumentSet {
    /// Reads `(path, text)` pairs. Documents that can be read are in the set even when others cannot, and so is what is
    /// left of one that is wrong in parts.
    pub fn parse(files: impl IntoIterator<Item = (String, impl AsRef<[u8]>)>) -> (Self, Vec<Diagnostic>) {
        let mut set = Self::default();
        let mut diagnostics = Vec::new();
        for (file, text) in files {
            match Source::read(text.as_ref()) {
                Ok(source) => set.add(source.value().clone(), file, Some(Arc::new(source)), &mut diagnostics),
                Err(errors) => {
                    diagnostics.extend(errors.into_iter().map(|error| Diagnostic {
                        code: error.code,
                        severity: Severity::Error,
                        file: file.clone(),
                        line: error.position.line,
                        column: error.position.column,
                        pointer: error.pointer,
                        message: error.message,
                        help: None,
                    }));
                    set.lose(&file, None);
                }
            }
        }
        set.find_owners();
        (set, diagnostics)
    }

    /// Reads documents sent as JSON: exact pointers, no lines. The file of the fourth is `documents[3]`.
    pub fn from_json(documents: impl IntoIterator<Item = Value>) -> (Self, Vec<Diagnostic>) {
        let named = documents.into_iter().enumerate().map(|(index, json)| (format!("documents[{index}]"), json));
        Self::from_named_json(named)
    }

    /// As [`Self::from_json`], of documents whose files are known.
    pub fn from_named_json(documents: impl IntoIterator<Item = (String, Value)>) -> (Self, Vec<Diagnostic>) {
        let mut set = Self::default();
        let mut diagnostics = Vec::new();
        for (file, json) in documents {
            if is_too_deep(&json) {
                let found = Found { file: &file, source: None };
                diagnostics.push(found.diagnostic(schema::Problem {
                    code: "too_deep",
                    pointer: String::new(),
                    at_key: false,
                    message: format!("the document nests deeper than {MAX_DEPTH} levels"),
                    help: None,
                }));
                set.lose(&file, Some(&json));
                continue;
            }
            set.add(json, file, None, &mut diagnostics);
        }
        set.find_owners();
        (set, diagnostics)
    }

    fn add(&mut self, json: Value, file: String, source: Option<Arc<Source>>, diagnostics: &mut Vec<Diagnostic>) {
        let found = Found { file: &file, source: source.as_deref() };
        let kind = match kind_of(&json, &found) {
            Ok(kind) => kind,
            Err(diagnostic) => {
                diagnostics.push(*diagnostic);
                return self.lose(&file, Some(&json));
            }
        };
        let problems = schema::validate(kind, &json);
        if !problems.is_empty() {
            self.add_what_is_left(kind, &json, &file, source.clone(), &problems);
            let mut problems: Vec<_> = problems.into_iter().map(|problem| found.diagnostic(problem)).collect();
            problems.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
            diagnostics.extend(problems);
            return;
        }
        match Document::from_valid_json(kind, json.clone(), file.clone(), source.clone()) {
            Ok(document) => self.documents.push(document),
            Err(error) => {
                diagnostics.push(found.diagnostic(schema::Problem {
                    code: "invalid_document",
                    pointer: String::new(),
                    at_key: false,
                    message: error.to_string(),
                    help: None,
                }));
                self.lose(&file, Some(&json));
            }
        }
    }

    fn add_what_is_left(
        &mut self,
        kind: Kind,
        json: &Value,
        file: &str,
        source: Option<Arc<Source>>,
        problems: &[schema::Problem],
    ) {
        let Salvaged { json: left, lost } = salvage(kind, json, problems);
        self.lost.extend(lost);
        // A key that nothing knows leaves no gap.
        let gaps = problems.iter().filter(|problem| problem.code != "unknown_key");
        self.cuts.entry(file.to_owned()).or_default().extend(gaps.map(|problem| problem.pointer.clone()));
        match left.map(|left| Document::from_valid_json(kind, left, file.to_owned(), source)) {
            Some(Ok(document)) => {
                self.documents.push(document);
                self.damaged = true;
            }
            _ => self.lose(file, Some(json)),
        }
    }

    /// Nothing of the document can be used; its name is told by its text, else by its file.
    fn lose(&mut self, file: &str, json: Option<&Value>) {
        self.damaged = true;
        let stem = file.rsplit('/').next().and_then(|name| name.strip_suffix(".json"));
        let written = ["name", "id"].map(|key| json.and_then(|json| json.get(key)).and_then(Value::as_str));
        self.lost.extend(written.into_iter().chain([stem]).flatten().map(str::to_owned));
    }

    /// What is here only in part can be checked, never published.
    pub fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Names of documents, fields and collections that could not be read.
    pub(crate) fn lost(&self) -> &BTreeSet<String> {
        &self.lost
    }

    /// Is something missing from what stands at `pointer`, so that findings about it say nothing new.
    pub(crate) fn has_gap(&self, file: &str, pointer: &str) -> bool {
        let below =
            |cut: &String| cut.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.cuts.get(file).is_some_and(|cuts| cuts.iter().any(below))
    }

    /// This set with `over` on top: a document replaces the one of the same kind and id, and stays in its package
    /// unless another is named.
    #[must_use]
    pub fn merge(&self, over: &DocumentSet) -> DocumentSet {
        let mut documents = self.documents.clone();
        let mut places: HashMap<(Kind, Identifier), usize> =
            documents.iter().enumerate().map(|(at, document)| ((document.kind(), document.id.clone()), at)).collect();
        let replaceable = documents.len();
        for document in &over.documents {
            match places.get(&(document.kind(), document.id.clone())) {
                Some(at) if *at < replaceable => {
                    let package = document.package.clone().or_else(|| documents[*at].package.clone());
                    documents[*at] = Document { package, ..document.clone() };
                }
                // Two of `over` that clash stay two, for `resolve` to refuse.
                _ => {
                    places.insert((document.kind(), document.id.clone()), documents.len());
                    documents.push(document.clone());
                }
            }
        }
        let lost = self.lost.union(&over.lost).cloned().collect();
        let cuts = self.cuts.clone().into_iter().chain(over.cuts.clone()).collect();
        DocumentSet { documents, lost, cuts, damaged: self.damaged || over.damaged }
    }

    /// This set without the document of `kind` and `id`.
    #[must_use]
    pub fn without(&self, kind: Kind, id: &str) -> DocumentSet {
        let keep = |document: &&Document| document.kind() != kind || document.id.as_str() != id;
        let documents = self.documents.iter().filter(keep).cloned().collect();
        DocumentSet { documents, ..self.clone() }
    }

    /// The same documents, owned by `layer`.
    #[must_use]
    pub fn in_layer(mut self, layer: Layer) -> DocumentSet {
        for document in &mut self.documents {
            document.layer = layer;
        }
        self
    }

    pub fn get(&self, kind: Kind, id: &str) -> Option<&Document> {
        self.documents.iter().find(|document| document.kind() == kind && document.id.as_str() == id)
    }

    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Document> {
        self.documents.iter().filter(move |document| document.kind() == kind)
    }
}

/// Where a document that may not even parse came from.
struct Found<'a> {
    file: &'a str,
    source: Option<&'a Source>,
}

impl Found<'_> {
    fn diagnostic(&self, problem: schema::Problem) -> Diagnostic {
        let position = self.source.map_or(Position::default(), |source| {
            if problem.at_key { source.key_position(&problem.pointer) } else { source.position(&problem.pointer) }
        });
        Diagnostic {
            code: problem.code,
            severity: Severity::Error,
            file: self.file.to_owned(),
            line: position.line,
            column: position.column,
            pointer: problem.pointer,
            message: problem.message,
            help: problem.help,
        }
    }
}

fn kind_of(json: &Value, found: &Found<'_>) -> Result<Kind, Box<Diagnostic>> {
    let names = || Kind::ALL.iter().map(|kind| kind.name());
    let problem = |code, pointer: &str, message: String, help| {
        let pointer = pointer.to_owned();
        Box::new(found.diagnostic(schema::Problem { code, pointer, at_key: false, message, help }))
    };
    let Value::Object(map) = json else {
        return Err(problem("wrong_type", "", "a document is a JSON object".into(), None));
    };
    let known = || Some(format!("kinds: {}", names().collect::<Vec<_>>().join(", ")));
    match map.get("kind") {
        None => Err(problem("missing_key", "", "the key `kind` is missing".into(), known())),
        Some(Value::String(name)) => Kind::from_name(name).ok_or_else(|| {
            let help = nearest(name, names()).map(|near| format!("did you mean `{near}`?")).or_else(known);
            problem("unknown_kind", "/kind", format!("there is no kind `{name}`"), help)
        }),
        Some(_) => Err(problem("wrong_type", "/kind", "`kind` must be a text".into(), known())),
    }
}
