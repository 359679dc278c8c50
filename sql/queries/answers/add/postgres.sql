-- Adds several answers. For each whose question exists a row comes back: its place, from 1, in an array; its id, or 0 when its
-- key is stored already; its question and that one's product. $1 question, $2 date, $3 body, $4 name, $5 e-mail, $6 photos with
-- $7 where the answer's id goes into a photo's, $8 their addresses,
-- $9 the scope of an Idempotency-Key, $10 the hash of the body, both null without a key, $11 the instant before which keys
-- are forgotten: arrays with an element for each answer, in which no scope comes twice.
-- A pair with sqlite/: SQLite has no statement that writes several tables.
with asked as materialized (
  select asked.*, q.product_id
  from unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as text[]), cast($4 as text[]), cast($5 as text[]),
    cast($6 as text[]), cast($7 as text[]), cast($8 as text[]), cast($9 as text[]), cast($10 as text[]), cast($11 as bigint[]))
    with ordinality as asked (question_id, date, body, name, email, photos, mark, photo_urls, scope, hash, forget, place)
  join questions q on q.id = asked.question_id
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
  select asked.*, nextval('answer_ids') as id
  from asked
  where scope is null or scope in (select scope from claims)
), answer as (
  insert into answers (id, question_id, date, helpfulness, reported, body, answerer_name, answerer_email, photos,
    photo_urls)
  select id, question_id, date, 0, false, body, name, email, replace(photos, mark, cast(id as text)), photo_urls
  from fresh
)
select array[place], id, question_id, product_id
from fresh
union all
select array[place], 0, question_id, product_id
from asked
where scope is not null and scope not in (select scope from claims)
