-- Subtracts its stars and its recommendation from the totals. $1 review.
update review_totals
set star_1 = star_1 - (r.rating = 1),
  star_2 = star_2 - (r.rating = 2),
  star_3 = star_3 - (r.rating = 3),
  star_4 = star_4 - (r.rating = 4),
  star_5 = star_5 - (r.rating = 5),
  recommend_no = recommend_no - (not r.recommend),
  recommend_yes = recommend_yes - r.recommend
from reviews r
where r.id = $1 and review_totals.product_id = r.product_id
