-- Adds several questions. Returns a row for each question whose product exists: its ordinal from 1 in an array, its id
-- or 0 when its key is already stored, and its product.
-- $1 product, $2 date, $3 body, $4 name, $5 email, $6 scope of the idempotency key, $7 hash of the body, both null
-- without a key, $8 time before which keys have expired. All parameters are arrays with one element per question; no
-- scope occurs twice.
-- sqlite/ holds the SQLite version, because a SQLite statement writes only one table.
with asked as materialized (
  select asked.*
  from unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as text[]), cast($4 as text[]), cast($5 as text[]),
    cast($6 as text[]), cast($7 as text[]), cast($8 as bigint[]))
    with ordinality as asked (product_id, date, body, name, email, scope, hash, forget, place)
  join products p on p.id = asked.product_id
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
  select asked.*, nextval('question_ids') as id
  from asked
  where scope is null or scope in (select scope from claims)
), question as (
  insert into questions (id, product_id, date, helpfulness, reported, body, asker_name, asker_email)
  select id, product_id, date, 0, false, body, name, email
  from fresh
)
select array[place], id, product_id
from fresh
union all
select array[place], 0, product_id
from asked
where scope is not null and scope not in (select scope from claims)
