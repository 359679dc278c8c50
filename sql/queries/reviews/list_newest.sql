-- A page of the reviews of a product that are not reported, by date and id, both descending. Each row has the number of
-- all such reviews; an empty page is one row with that number and nulls. $1 product, $2 offset, $3 limit.
select total.n, r.id, r.rating, r.summary, r.recommend, r.response, r.body, r.date, r.reviewer_name, r.helpfulness,
  r.photos
from (
  select coalesce(max(star_1 + star_2 + star_3 + star_4 + star_5), 0) as n
  from review_totals
  where product_id = $1
) total
left join (
  select id, rating, summary, recommend, response, body, date, reviewer_name, helpfulness, photos
  from reviews
  where product_id = $1 and not reported
  order by date desc, id desc
  limit $3 offset $2
) r on true
order by r.date desc, r.id desc
