-- `meta.sql` for several products. $1 products. See `products/one.batch.postgres.sql`.
select t.star_1, t.star_2, t.star_3, t.star_4, t.star_5, t.recommend_no, t.recommend_yes,
  c.id, c.name, c.value_sum, c.value_count, requested.ordinal
from unnest(cast($1 as bigint[])) with ordinality requested (product_id, ordinal)
left join review_totals t on t.product_id = requested.product_id
left join characteristics c on c.product_id = requested.product_id
order by requested.ordinal, c.id
