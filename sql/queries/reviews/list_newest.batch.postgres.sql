-- `list_newest.sql` for several pages. $1 products, $2 offsets, $3 limits: arrays of equal length. See
-- `products/one.batch.postgres.sql`.
select total.n, r.id, r.rating, r.summary, r.recommend, r.response, r.body, r.date, r.reviewer_name, r.helpfulness,
  r.photos, requested.ordinal
from unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as bigint[]))
  with ordinality requested (product_id, page_offset, page_limit, ordinal)
cross join lateral (
  select coalesce(max(star_1 + star_2 + star_3 + star_4 + star_5), 0) as n
  from review_totals
  where product_id = requested.product_id
) total
left join lateral (
  select id, rating, summary, recommend, response, body, date, reviewer_name, helpfulness, photos
  from reviews
  where product_id = requested.product_id and not reported
  order by date desc, id desc
  limit requested.page_limit offset requested.page_offset
) r on true
order by requested.ordinal, r.date desc, r.id desc
