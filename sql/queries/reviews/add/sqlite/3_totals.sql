-- Adds its stars and its recommendation to the totals. Runs after 2_sums, because it changes last_insert_rowid().
insert into review_totals (product_id, star_1, star_2, star_3, star_4, star_5, recommend_no, recommend_yes)
values ($1, $2 = 1, $2 = 2, $2 = 3, $2 = 4, $2 = 5, not $6, $6)
on conflict (product_id) do update
set star_1 = star_1 + excluded.star_1,
  star_2 = star_2 + excluded.star_2,
  star_3 = star_3 + excluded.star_3,
  star_4 = star_4 + excluded.star_4,
  star_5 = star_5 + excluded.star_5,
  recommend_no = recommend_no + excluded.recommend_no,
  recommend_yes = recommend_yes + excluded.recommend_yes
