-- Adds units of SKUs to carts. Returns a row for each cart item that was changed: the ordinals of its units from 1 in
-- an array, and 1. Returns nothing for a unit whose key is already stored.
-- $1 owner, $2 SKU, $3 date, $4 scope of the idempotency key, $5 hash of the body, both null without a key, $6 time
-- before which keys have expired. All parameters are arrays with one element per unit; no scope occurs twice.
-- sqlite/ holds the SQLite version, because a SQLite statement writes only one table.
with asked as materialized (
  select asked.*
  from unnest(cast($1 as text[]), cast($2 as bigint[]), cast($3 as bigint[]), cast($4 as text[]), cast($5 as text[]),
    cast($6 as bigint[]))
    with ordinality as asked (owner, sku_id, date, scope, hash, forget, place)
), claims as (
  insert into idempotency_keys as k (scope, date, body)
  -- Rows are locked in one order everywhere, so that concurrent statements cannot deadlock.
  select scope, date, hash
  from asked
  where scope is not null
  order by scope
  on conflict (scope) do update
  set date = excluded.date, body = excluded.body
  where k.date <= (select max(forget) from asked)
  returning scope
), lines as materialized (
  select owner, sku_id, count(*) as units, max(date) / 86400000 as day, array_agg(place) as places
  from asked
  where scope is null or scope in (select scope from claims)
  group by owner, sku_id
  order by owner, sku_id
), line as (
  insert into cart_items as c (owner, sku_id, count, changed_on)
  select owner, sku_id, units, day
  from lines
  on conflict (owner, sku_id) do update
  set count = c.count + excluded.count, changed_on = excluded.changed_on
)
select places, cast(1 as bigint)
from lines
