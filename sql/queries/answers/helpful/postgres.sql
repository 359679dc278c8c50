-- Adds votes to several answers, once per key. Returns a row for each answer that exists: the ordinals of its votes
-- from 1 in an array, its question and the product of the question.
-- $1 answer, $2 key or null, $3 date: arrays with one element per vote.
-- sqlite/ holds the SQLite version, because a SQLite statement writes only one table.
with asked as materialized (
  select id, scope, date, place
  from unnest(cast($1 as bigint[]), cast($2 as text[]), cast($3 as bigint[])) with ordinality as asked (id, scope, date, place)
), claims as (
  insert into idempotency_keys (scope, date, body)
  -- Rows are locked in one order everywhere, so that concurrent statements cannot deadlock.
  select scope, date, ''
  from asked
  where scope is not null
  order by scope
  on conflict (scope) do nothing
  returning scope
), votes as materialized (
  select id, array_agg(place) as places,
    count(*) filter (where scope is null)
      + count(distinct scope) filter (where scope in (select scope from claims)) as votes
  from asked
  group by id
  order by id
)
update answers r
set helpfulness = r.helpfulness + votes.votes
from votes
where r.id = votes.id
returning votes.places, r.question_id, coalesce((select q.product_id from questions q where q.id = r.question_id), 0)
