-- Deletes expired interactions among the next $4 by id, which is nearly the order of their dates. Returns ordinal 1,
-- the number of interactions that were examined, the id of the last one, and how many are not expired.
-- $1 time before which interactions have expired, $2 the current time (a later date comes from a wrong clock), $3 first
-- id, $4 limit: arrays of one element.
-- sqlite/ holds the SQLite version, because SQLite has no data-modifying common table expressions.
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
