-- Counts the totals of every product anew; the table must be empty.
insert into review_totals (product_id, star_1, star_2, star_3, star_4, star_5, recommend_no, recommend_yes)
select product_id,
  sum(case when rating = 1 then 1 else 0 end),
  sum(case when rating = 2 then 1 else 0 end),
  sum(case when rating = 3 then 1 else 0 end),
  sum(case when rating = 4 then 1 else 0 end),
  sum(case when rating = 5 then 1 else 0 end),
  sum(case when recommend then 0 else 1 end),
  sum(case when recommend then 1 else 0 end)
from reviews
where not reported
group by product_id
