-- A new review with its part of the figures, in one statement: one round trip and one commit. A row comes back, its id and
-- its product, when it is stored, none when the product does not exist or one of $12 is a characteristic of it.
-- $1 product, $2 rating, $3 date, $4 summary, $5 body, $6 recommend, $7 name, $8 e-mail, $9 photos with $10 where the
-- review's id goes into a photo's, $11 {"characteristic": value}, $12 ["characteristic with a value out of range"].
-- $13 the scope of an Idempotency-Key, $14 the hash of the body, $15 the instant before which keys are forgotten: all
-- null without a key; under one that is kept already no row comes back.
-- A pair with sqlite/: SQLite has no statement that writes several tables.
with product as (
  select p.id
  from products p
  where p.id = $1 and not exists (
    select 1
    from json_array_elements_text(cast($12 as json)) as fault(id)
    join characteristics c on c.id = cast(fault.id as bigint) and c.product_id = p.id
  )
), claim as (
  insert into idempotency_keys as k (scope, date, body)
  select $13, $3, $14
  from product
  where cast($13 as text) is not null
  on conflict (scope) do update
  set date = excluded.date, body = excluded.body
  where k.date <= $15
  returning scope
), given as materialized (
  select c.id, cast(v.value as bigint) as value
  from product
  join characteristics c on c.product_id = product.id
  join json_each_text(cast($11 as json)) as v on cast(v.key as bigint) = c.id
), fresh as materialized (
  select id as product_id, nextval('review_ids') as id
  from product
  where cast($13 as text) is null or exists (select 1 from claim)
), review as (
  insert into reviews (id, product_id, rating, date, helpfulness, recommend, reported, summary, body, reviewer_name,
    reviewer_email, response, photos, characteristic_values)
  select id, product_id, $2, $3, 0, $6, false, $4, $5, $7, $8, null, replace($9, $10, cast(id as text)),
    coalesce((select cast(json_object_agg(given.id, given.value) as text) from given), '{}')
  from fresh
  returning id, product_id
), totals as (
  insert into review_totals as t (product_id, star_1, star_2, star_3, star_4, star_5, recommend_no, recommend_yes)
  select product_id, cast($2 = 1 as int), cast($2 = 2 as int), cast($2 = 3 as int), cast($2 = 4 as int),
    cast($2 = 5 as int), cast(not $6 as int), cast($6 as int)
  from fresh
  on conflict (product_id) do update
  set star_1 = t.star_1 + excluded.star_1,
    star_2 = t.star_2 + excluded.star_2,
    star_3 = t.star_3 + excluded.star_3,
    star_4 = t.star_4 + excluded.star_4,
    star_5 = t.star_5 + excluded.star_5,
    recommend_no = t.recommend_no + excluded.recommend_no,
    recommend_yes = t.recommend_yes + excluded.recommend_yes
  returning product_id
), sums as (
  -- Joined to `totals`, so that writers of one product queue at its one row and never lock each other's in turn.
  update characteristics c
  set value_sum = c.value_sum + given.value, value_count = c.value_count + 1
  from given, totals
  where c.id = given.id
)
select id, product_id from review
