//! The rows of one object, made as they are asked for.

use std::ops::Range;
use std::sync::Arc;

use crate::row::Row;
use crate::world::World;

/// Makes the rows of one part of a table; most parts hold one row, those of child objects as many as their parent has.
pub type Make = fn(&World, u64, &mut Vec<Row>);

#[derive(Clone, Debug)]
pub struct Table {
    pub object: &'static str,
    /// How many rows there are in all.
    pub count: u64,
    parts: u64,
    make: Make,
    world: Arc<World>,
}

impl Table {
    /// A table of `parts` parts, `count` rows in all.
    pub(crate) fn new(object: &'static str, world: &Arc<World>, parts: u64, count: u64, make: Make) -> Self {
        Self { object, count, parts, make, world: Arc::clone(world) }
    }

    /// A table whose rows must be made to be counted; only for small ones.
    pub(crate) fn counted(object: &'static str, world: &Arc<World>, parts: u64, make: Make) -> Self {
        let mut table = Self::new(object, world, parts, 0, make);
        table.count = table.rows().count() as u64;
        table
    }

    /// All rows, in order.
    pub fn rows(&self) -> Box<dyn Iterator<Item = Row> + Send> {
        self.range(0..self.parts)
    }

    /// The rows of one of `shards` about equal shards; one after the other they are [`Table::rows`].
    pub fn shard(&self, shard: u64, shards: u64) -> Box<dyn Iterator<Item = Row> + Send> {
        let edge = |shard: u64| self.parts * shard.min(shards.max(1)) / shards.max(1);
        self.range(edge(shard)..edge(shard + 1))
    }

    fn range(&self, parts: Range<u64>) -> Box<dyn Iterator<Item = Row> + Send> {
        let (world, make) = (Arc::clone(&self.world), self.make);
        Box::new(parts.flat_map(move |part| {
            let mut rows = Vec::new();
            make(&world, part, &mut rows);
            rows
        }))
    }
}
