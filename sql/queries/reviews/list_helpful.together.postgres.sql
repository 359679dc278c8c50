-- `list_helpful.sql` for several pages at once, each row with its page's place among those asked for. $1 products,
-- $2 rows to skip, $3 rows at most: arrays of one length. For PostgreSQL alone: see
-- `products/one.together.postgres.sql`.
select total.n, r.id, r.rating, r.summary, r.recommend, r.response, r.body, r.date, r.reviewer_name, r.helpfulness,
  r.photos, asked.place
from unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as bigint[]))
  with ordinality asked (product_id, skip, most, place)
cross join lateral (
  select coalesce(max(star_1 + star_2 + star_3 + star_4 + star_5), 0) as n
  from review_totals
  where product_id = asked.product_id
) total
left join lateral (
  select id, rating, summary, recommend, response, body, date, reviewer_name, helpfulness, photos
  from reviews
  where product_id = asked.product_id and not reported
  order by helpfulness desc, id desc
  limit asked.most offset asked.skip
) r on true
order by asked.place, r.helpfulness desc, r.id desc
