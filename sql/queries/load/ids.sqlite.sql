-- New ids start after the largest loaded one. A new photo's id is its parent's with a digit behind it: $1, for reviews,
-- and $2, for answers, are the parents' ids that keep new photo ids above the loaded ones. Into an empty table.
insert into sqlite_sequence (name, seq)
values
  ('reviews', (select max(coalesce(max(id), 0), $1) from reviews)),
  ('questions', (select coalesce(max(id), 0) from questions)),
  ('answers', (select max(coalesce(max(id), 0), $2) from answers))
