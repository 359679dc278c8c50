-- Adds several reviews with their part of the figures, in one statement: one round trip and one commit. Returns a row
-- for each review whose product exists: its ordinal from 1 in an array; its id, or 0 when it is not stored, because a
-- characteristic of the product has a value out of range or because the key is already stored; its product.
-- $1 product, $2 rating, $3 date, $4 summary, $5 body, $6 recommend, $7 name, $8 email, $9 photos with $10 in place of
-- the id of the review, $11 {"characteristic": value}, $12 ["characteristic with a value out of range"], $13 scope of
-- the idempotency key, $14 hash of the body, both null without a key, $15 time before which keys have expired. All
-- parameters are arrays with one element per review; no scope occurs twice.
-- sqlite/ holds the SQLite version, because a SQLite statement writes only one table.
with asked as materialized (
  select asked.*, coalesce(
      asked.faulty <> '[]' and exists (
        select 1
        from json_array_elements_text(cast(asked.faulty as json)) as fault (id)
        join characteristics c on c.id = cast(fault.id as bigint)
        where c.product_id = asked.product_id
      ), false) as invalid
  from unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as bigint[]), cast($4 as text[]), cast($5 as text[]),
    cast($6 as boolean[]), cast($7 as text[]), cast($8 as text[]), cast($9 as text[]), cast($10 as text[]),
    cast($11 as text[]), cast($12 as text[]), cast($13 as text[]), cast($14 as text[]), cast($15 as bigint[]))
    with ordinality as asked (product_id, rating, date, summary, body, recommend, name, email, photos, mark, values, faulty,
      scope, hash, forget, place)
  join products p on p.id = asked.product_id
), claims as (
  insert into idempotency_keys as k (scope, date, body)
  -- Rows are locked in one order everywhere, so that concurrent statements cannot deadlock.
  select scope, date, hash
  from asked
  where scope is not null and not invalid
  order by scope
  on conflict (scope) do update
  set date = excluded.date, body = excluded.body
  where k.date <= (select max(forget) from asked)
  returning scope
), fresh as materialized (
  select asked.*, nextval('review_ids') as id, coalesce((
      select cast(json_object_agg(c.id, cast(v.value as bigint)) as text)
      from json_each_text(cast(asked.values as json)) as v
      join characteristics c on c.id = cast(v.key as bigint)
      where c.product_id = asked.product_id
    ), '{}') as given
  from asked
  where not invalid and (scope is null or scope in (select scope from claims))
), review as (
  insert into reviews (id, product_id, rating, date, helpfulness, recommend, reported, summary, body, reviewer_name,
    reviewer_email, response, photos, characteristic_values)
  select id, product_id, rating, date, 0, recommend, false, summary, body, name, email, null,
    replace(photos, mark, cast(id as text)), given
  from fresh
), totals as (
  insert into review_totals as t (product_id, star_1, star_2, star_3, star_4, star_5, recommend_no, recommend_yes)
  select product_id,
    count(*) filter (where rating = 1),
    count(*) filter (where rating = 2),
    count(*) filter (where rating = 3),
    count(*) filter (where rating = 4),
    count(*) filter (where rating = 5),
    count(*) filter (where not recommend),
    count(*) filter (where recommend)
  from fresh
  group by product_id
  order by product_id
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
  update characteristics c
  set value_sum = c.value_sum + given.value_sum, value_count = c.value_count + given.value_count
  from (
    select cast(v.key as bigint) as id, sum(cast(v.value as bigint)) as value_sum, count(*) as value_count
    from fresh
    cross join lateral json_each_text(cast(fresh.given as json)) as v
    -- Runs after `totals`: writers of one product wait for its single totals row and cannot deadlock on the rows of characteristics.
    where fresh.product_id in (select product_id from totals)
    group by 1
    order by 1
  ) given
  where c.id = given.id
)
select array[place], id, product_id
from fresh
union all
select array[place], 0, product_id
from asked
where invalid or (scope is not null and scope not in (select scope from claims))
