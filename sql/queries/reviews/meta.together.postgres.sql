-- `meta.sql` for several products at once, each row with its product's place among those asked for. $1 products.
-- For PostgreSQL alone: see `products/one.together.postgres.sql`.
select t.star_1, t.star_2, t.star_3, t.star_4, t.star_5, t.recommend_no, t.recommend_yes,
  c.id, c.name, c.value_sum, c.value_count, asked.place
from unnest(cast($1 as bigint[])) with ordinality asked (product_id, place)
left join review_totals t on t.product_id = asked.product_id
left join characteristics c on c.product_id = asked.product_id
order by asked.place, c.id
