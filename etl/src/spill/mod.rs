//! Spilling to disk: sorting and maps with limited memory.

pub(crate) mod dir;
pub(crate) mod external_sort;
pub(crate) mod paged_map;
