-- Something that a visitor did. $1 date, $2 element, $3 widget, $4 time; $5 the scope of an Idempotency-Key, $6 the hash of
-- the body, $7 the instant before which keys are forgotten: all null without a key; under one that is kept already no row
-- comes back. A pair with sqlite/: SQLite has no statement that writes several tables.
with claim as (
  insert into idempotency_keys as k (scope, date, body)
  select $5, $1, $6
  where cast($5 as text) is not null
  on conflict (scope) do update
  set date = excluded.date, body = excluded.body
  where k.date <= $7
  returning scope
)
insert into interactions (date, element, widget, time)
select $1, $2, $3, $4
where cast($5 as text) is null or exists (select 1 from claim)
returning id
