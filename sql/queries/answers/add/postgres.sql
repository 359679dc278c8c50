-- Adds several answers. Returns a row for each answer whose question exists: its ordinal from 1 in an array, its id or
-- 0 when its key is already stored, the question and the product of the question.
-- $1 question, $2 date, $3 body, $4 name, $5 email, $6 photos with $7 in place of the id of the answer, $8 photo URLs,
-- $9 scope of the idempotency key, $10 hash of the body, both null without a key, $11 time before which keys have
-- expired. All parameters are arrays with one element per answer; no scope occurs twice.
-- sqlite/ holds the SQLite version, because a SQLite statement writes only one table.
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
