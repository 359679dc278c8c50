-- A new answer. Its id, its question and that one's product come back when it is stored, nothing when the question does
-- not exist.
-- $1 question, $2 date, $3 body, $4 name, $5 e-mail, $6 photos with $7 where the answer's id goes into a photo's, $8 their
-- addresses; $9 the scope of an Idempotency-Key, $10 the hash of the body, $11 the instant before which keys are
-- forgotten: all null without a key; under one that is kept already no row comes back.
-- A pair with sqlite/: SQLite has no statement that writes several tables.
with question as (
  select id, product_id
  from questions
  where id = $1
), claim as (
  insert into idempotency_keys as k (scope, date, body)
  select $9, $2, $10
  from question
  where cast($9 as text) is not null
  on conflict (scope) do update
  set date = excluded.date, body = excluded.body
  where k.date <= $11
  returning scope
), fresh as materialized (
  select id as question_id, nextval('answer_ids') as id
  from question
  where cast($9 as text) is null or exists (select 1 from claim)
)
insert into answers (id, question_id, date, helpfulness, reported, body, answerer_name, answerer_email, photos,
  photo_urls)
select id, question_id, $2, 0, false, $3, $4, $5, replace($6, $7, cast(id as text)), $8
from fresh
returning id, question_id, (select product_id from question)
