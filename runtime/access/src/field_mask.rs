//! A set of field positions of one object as bits.

use trellis_metadata::snapshot::FieldIndex;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FieldMask(Vec<u64>);

impl FieldMask {
    pub fn all(count: usize) -> Self {
        let mut mask = Self::default();
        (0..count).for_each(|index| mask.insert(FieldIndex(index)));
        mask
    }

    pub fn insert(&mut self, field: FieldIndex) {
        let word = field.0 / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (field.0 % 64);
    }

    pub fn remove(&mut self, field: FieldIndex) {
        if let Some(word) = self.0.get_mut(field.0 / 64) {
            *word &= !(1 << (field.0 % 64));
        }
    }

    pub fn contains(&self, field: FieldIndex) -> bool {
        self.0.get(field.0 / 64).is_some_and(|word| word & (1 << (field.0 % 64)) != 0)
    }

    pub fn union(&mut self, other: &FieldMask) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }

    pub fn contains_all(&self, other: &FieldMask) -> bool {
        other.0.iter().enumerate().all(|(w, word)| word & !self.0.get(w).copied().unwrap_or(0) == 0)
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub fn iter(&self) -> impl Iterator<Item = FieldIndex> + '_ {
        self.0
            .iter()
            .enumerate()
            .flat_map(|(w, word)| (0..64).filter(move |b| word & (1 << b) != 0).map(move |b| FieldIndex(w * 64 + b)))
    }
}

impl FromIterator<FieldIndex> for FieldMask {
    fn from_iter<I: IntoIterator<Item = FieldIndex>>(fields: I) -> Self {
        let mut mask = Self::default();
        fields.into_iter().for_each(|field| mask.insert(field));
        mask
    }
}
