-- The totals of the reviews of a product, one row for each characteristic by ascending id; one row with nulls when the
-- product has none. $1 product.
select t.star_1, t.star_2, t.star_3, t.star_4, t.star_5, t.recommend_no, t.recommend_yes,
  c.id, c.name, c.value_sum, c.value_count
from (select cast($1 as bigint) as product_id) p
left join review_totals t on t.product_id = p.product_id
left join characteristics c on c.product_id = p.product_id
order by c.id
