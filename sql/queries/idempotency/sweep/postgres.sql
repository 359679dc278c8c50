-- Deletes expired keys among the next $4 keys by date. Returns ordinal 1, the number of keys that were examined and the
-- date of the last one.
-- $1 time before which keys of clients have expired, $2 the same for keys of requests that a proxy may repeat (their
-- scope begins with r, which sorts behind all digits), $3 date at which to start, $4 limit: arrays of one element.
-- sqlite/ holds the SQLite version, because SQLite has no data-modifying common table expressions.
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
  -- Compares the date again, to keep a key that was used again in between.
  where k.scope = next.scope and k.date = next.date and (k.date <= (select clients from bounds) or k.scope >= 'r')
)
select array[cast(1 as bigint)], count(*), coalesce(max(date), 0)
from next
