-- Deletes up to $2 cart items that were last added to before the day of $1. Returns ordinal 1 and the number of deleted
-- rows. Parameters are arrays of one element.
-- sqlite/ holds the SQLite version, because SQLite has no data-modifying common table expressions.
with bounds as materialized (
  select bounds.*
  from unnest(cast($1 as bigint[]), cast($2 as bigint[])) as bounds (cutoff, lines)
), expired as materialized (
  select c.owner, c.sku_id
  from cart_items c
  where c.changed_on < (select cutoff / 86400000 from bounds)
  order by c.changed_on
  limit (select lines from bounds)
  -- Skips rows that another transaction is changing or deleting.
  for update of c skip locked
), deleted as (
  delete from cart_items c
  using expired
  where c.owner = expired.owner and c.sku_id = expired.sku_id
)
select array[cast(1 as bigint)], count(*)
from expired
