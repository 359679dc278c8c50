-- Deletes expired keys among the next ones by date. How many keys were looked at and the date of the last one come back, after
-- the place 1. $1 the instant before which keys of clients expire, $2 the same of keys that stand for a request which a proxy
-- may send again: their scope begins with r, behind all digits; $3 the date from which on to look, $4 how many to look at:
-- arrays of one element. A pair with sqlite/: SQLite has no delete within a query.
with bounds as materialized (
  select bounds.*
  from unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as bigint[]), cast($4 as bigint[]))
    as bounds (clients, retries, start, keys)
), next as materialized (
  select k.scope, k.date
  from idempotency_keys k
  where k.date >= (select start from bounds) and k.date <= (select retries from bounds)
  order by k.date
  limit (select keys from bounds)
), expired as (
  delete from idempotency_keys k
  using next
  -- The date again: a key that was used anew meanwhile stays.
  where k.scope = next.scope and k.date = next.date and (k.date <= (select clients from bounds) or k.scope >= 'r')
)
select array[cast(1 as bigint)], count(*), coalesce(max(date), 0)
from next
