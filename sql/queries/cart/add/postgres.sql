-- One more piece of a SKU in an owner's cart; the number of them comes back. $1 owner, $2 SKU, $3 date; $4 the scope of an
-- Idempotency-Key, $5 the hash of the body, $6 the instant before which keys are forgotten: all null without a key; under
-- one that is kept already no row comes back. A pair with sqlite/: SQLite has no statement that writes several tables.
with claim as (
  insert into idempotency_keys as k (scope, date, body)
  select $4, $3, $5
  where cast($4 as text) is not null
  on conflict (scope) do update
  set date = excluded.date, body = excluded.body
  where k.date <= $6
  returning scope
)
insert into cart_items as c (owner, sku_id, count)
select $1, $2, 1
where cast($4 as text) is null or exists (select 1 from claim)
on conflict (owner, sku_id) do update
set count = c.count + 1
returning count
