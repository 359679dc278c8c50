-- Records several interactions. Returns a row for each interaction that was stored: its ordinal from 1 in an array, and
-- 1. Returns nothing when its key is already stored.
-- $1 date, $2 element, $3 widget, $4 time, $5 scope of the idempotency key, $6 hash of the body, both null without a
-- key, $7 time before which keys have expired. All parameters are arrays with one element per interaction; no scope
-- occurs twice.
-- sqlite/ holds the SQLite version, because a SQLite statement writes only one table.
with asked as materialized (
  select asked.*
  from unnest(cast($1 as bigint[]), cast($2 as text[]), cast($3 as text[]), cast($4 as text[]), cast($5 as text[]),
    cast($6 as text[]), cast($7 as bigint[]))
    with ordinality as asked (date, element, widget, time, scope, hash, forget, place)
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
), fresh as materialized (
  select asked.*
  from asked
  where scope is null or scope in (select scope from claims)
), interaction as (
  insert into interactions (date, element, widget, time)
  select date, element, widget, time
  from fresh
)
select array[place], cast(1 as bigint)
from fresh
