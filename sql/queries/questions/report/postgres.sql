-- Hides several questions. Its product comes back for each question that exists, after the places at which it was asked for,
-- from 1. $1 question: an array.
with asked as materialized (
  select id, array_agg(place) as places
  from unnest(cast($1 as bigint[])) with ordinality as asked (id, place)
  group by id
  -- Rows are locked in one order everywhere, so that concurrent statements cannot deadlock.
  order by id
)
update questions r
set reported = true
from asked
where r.id = asked.id
returning asked.places, r.product_id
