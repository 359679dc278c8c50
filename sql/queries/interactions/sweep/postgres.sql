-- Deletes the expired ones among the next interactions by id, which is nearly the order of their dates. The place 1, how many
-- were looked at, the id of the last one and how many of them are in force come back. $1 the instant before which they expire,
-- $2 the present, as a later date is that of a clock that was wrong, $3 the id from which on to look, $4 how many to look at:
-- arrays of one element.
-- A pair with sqlite/: SQLite has no delete within a query.
with bounds as materialized (
  select bounds.*
  from unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as bigint[]), cast($4 as bigint[]))
    as bounds (cutoff, present, start, interactions)
), next as materialized (
  select i.id, i.date
  from interactions i
  where i.id >= (select start from bounds)
  order by i.id
  limit (select interactions from bounds)
), expired as (
  delete from interactions i
  using next
  where i.id = next.id and next.date < (select cutoff from bounds)
)
select
  array[cast(1 as bigint)], count(*), coalesce(max(next.id), 0),
  count(*) filter (where next.date between bounds.cutoff and bounds.present)
from next, bounds
