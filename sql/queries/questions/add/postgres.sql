-- A new question. Its id and its product come back when it is stored, none when the product does not exist.
-- $1 product, $2 date, $3 body, $4 name, $5 e-mail; $6 the scope of an Idempotency-Key, $7 the hash of the body, $8 the
-- instant before which keys are forgotten: all null without a key; under one that is kept already no row comes back.
-- A pair with sqlite/: SQLite has no statement that writes several tables.
with product as (
  select id
  from products
  where id = $1
), claim as (
  insert into idempotency_keys as k (scope, date, body)
  select $6, $2, $7
  from product
  where cast($6 as text) is not null
  on conflict (scope) do update
  set date = excluded.date, body = excluded.body
  where k.date <= $8
  returning scope
)
insert into questions (id, product_id, date, helpfulness, reported, body, asker_name, asker_email)
select nextval('question_ids'), id, $2, 0, false, $3, $4, $5
from product
where cast($6 as text) is null or exists (select 1 from claim)
returning id, product_id
