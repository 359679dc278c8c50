-- Hides a review and takes it out of the figures, in one statement; nothing more happens when it is hidden already. Its
-- product comes back, nothing when there is no such review. $1 review.
-- A pair with sqlite/: SQLite has no statement that writes several tables.
with review as (
  update reviews
  set reported = true
  where id = $1 and not reported
  returning id, product_id, rating, recommend, characteristic_values
), totals as (
  update review_totals t
  set star_1 = t.star_1 - cast(r.rating = 1 as int),
    star_2 = t.star_2 - cast(r.rating = 2 as int),
    star_3 = t.star_3 - cast(r.rating = 3 as int),
    star_4 = t.star_4 - cast(r.rating = 4 as int),
    star_5 = t.star_5 - cast(r.rating = 5 as int),
    recommend_no = t.recommend_no - cast(not r.recommend as int),
    recommend_yes = t.recommend_yes - cast(r.recommend as int)
  from review r
  where t.product_id = r.product_id
  returning t.product_id, r.characteristic_values
), given as (
  -- An old review may have given several values to a characteristic.
  select cast(v.key as bigint) as id, sum(cast(v.value as bigint)) as value_sum, count(*) as value_count
  from totals, json_each_text(cast(totals.characteristic_values as json)) as v
  group by 1
), sums as (
  update characteristics c
  set value_sum = c.value_sum - given.value_sum, value_count = c.value_count - given.value_count
  from given
  where c.id = given.id
)
select product_id from review
union all
select product_id from reviews where id = $1 and reported
