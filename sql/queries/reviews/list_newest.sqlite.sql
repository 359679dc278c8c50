-- `list_newest.sql` for SQLite; see `answers/list.sqlite.sql`. $1 product, $2 offset, $3 limit.
select total.n, r.id, r.rating, r.summary, r.recommend, r.response, r.body, r.date, r.reviewer_name, r.helpfulness,
  r.photos
from (
  select coalesce(max(star_1 + star_2 + star_3 + star_4 + star_5), 0) as n
  from review_totals
  where product_id = $1
) total
left join (
  select id
  from reviews
  where product_id = $1 and not reported
  order by date desc, id desc
  limit $3 offset $2
) k on true
left join reviews r on r.id = k.id
