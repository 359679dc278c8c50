-- Hides several answers. Returns a row for each answer that exists: its ordinals in the array from 1, its question and
-- the product of the question. $1 answer: an array.
with asked as materialized (
  select id, array_agg(place) as places
  from unnest(cast($1 as bigint[])) with ordinality as asked (id, place)
  group by id
  -- Rows are locked in one order everywhere, so that concurrent statements cannot deadlock.
  order by id
)
update answers r
set reported = true
from asked
where r.id = asked.id
returning asked.places, r.question_id, coalesce((select q.product_id from questions q where q.id = r.question_id), 0)
