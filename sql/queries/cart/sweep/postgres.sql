-- Deletes the next expired lines of carts. The place 1 and how many they are come back. $1 the instant before whose day lines
-- expire, $2 how many to delete at most: arrays of one element.
-- A pair with sqlite/: SQLite has no delete within a query.
with bounds as materialized (
  select bounds.*
  from unnest(cast($1 as bigint[]), cast($2 as bigint[])) as bounds (cutoff, lines)
), expired as materialized (
  select c.owner, c.sku_id
  from cart_items c
  where c.changed_on < (select cutoff / 86400000 from bounds)
  order by c.changed_on
  limit (select lines from bounds)
  -- A line that grows at this moment is left out, and so is one that another server deletes.
  for update of c skip locked
), deleted as (
  delete from cart_items c
  using expired
  where c.owner = expired.owner and c.sku_id = expired.sku_id
)
select array[cast(1 as bigint)], count(*)
from expired
