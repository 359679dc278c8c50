-- Hides several reviews and subtracts them from the totals, in one statement; a review that is already hidden stays as
-- it is. Returns a row for each review that exists: its ordinals in the array from 1, and its product. $1 review: an
-- array.
-- sqlite/ holds the SQLite version, because a SQLite statement writes only one table.
with asked as materialized (
  select id, array_agg(place) as places
  from unnest(cast($1 as bigint[])) with ordinality as asked (id, place)
  group by id
  -- Rows are locked in one order everywhere, so that concurrent statements cannot deadlock.
  order by id
), review as (
  update reviews r
  set reported = true
  from asked
  where r.id = asked.id and not r.reported
  returning r.product_id, r.rating, r.recommend, r.characteristic_values, asked.places
), totals as (
  update review_totals t
  set star_1 = t.star_1 - hidden.star_1,
    star_2 = t.star_2 - hidden.star_2,
    star_3 = t.star_3 - hidden.star_3,
    star_4 = t.star_4 - hidden.star_4,
    star_5 = t.star_5 - hidden.star_5,
    recommend_no = t.recommend_no - hidden.recommend_no,
    recommend_yes = t.recommend_yes - hidden.recommend_yes
  from (
    select product_id,
      count(*) filter (where rating = 1) as star_1,
      count(*) filter (where rating = 2) as star_2,
      count(*) filter (where rating = 3) as star_3,
      count(*) filter (where rating = 4) as star_4,
      count(*) filter (where rating = 5) as star_5,
      count(*) filter (where not recommend) as recommend_no,
      count(*) filter (where recommend) as recommend_yes
    from review
    group by product_id
    order by product_id
  ) hidden
  where t.product_id = hidden.product_id
  returning t.product_id
), given as (
  -- An imported review may have several values for one characteristic.
  select cast(v.key as bigint) as id, sum(cast(v.value as bigint)) as value_sum, count(*) as value_count
  from review
  cross join lateral json_each_text(cast(review.characteristic_values as json)) as v
  -- Runs after `totals`: writers of one product wait for its single totals row and cannot deadlock on the rows of characteristics.
  where review.product_id in (select product_id from totals)
  group by 1
  order by 1
), sums as (
  update characteristics c
  set value_sum = c.value_sum - given.value_sum, value_count = c.value_count - given.value_count
  from given
  where c.id = given.id
)
select places, product_id
from review
union all
select asked.places, r.product_id
from asked
join reviews r on r.id = asked.id
where r.reported
