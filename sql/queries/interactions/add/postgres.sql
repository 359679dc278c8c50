-- Records several interactions. For each a row comes back: its place, from 1, in an array, and 1; none when its key is stored
-- already. $1 date, $2 element, $3 widget, $4 time,
-- $5 the scope of an Idempotency-Key, $6 the hash of the body, both null without a key, $7 the instant before which keys
-- are forgotten: arrays with an element for each interaction, in which no scope comes twice.
-- A pair with sqlite/: SQLite has no statement that writes several tables.
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
