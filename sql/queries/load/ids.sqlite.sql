-- Sets the next ids behind the largest loaded id; the rows of these tables were deleted before. The id of a new photo
-- is the id of its parent followed by a digit: $1 (reviews) and $2 (answers) are the ids of parents that keep new photo
-- ids above the loaded ones.
insert into sqlite_sequence (name, seq)
values
  ('reviews', (select max(coalesce(max(id), 0), $1) from reviews)),
  ('questions', (select coalesce(max(id), 0) from questions)),
  ('answers', (select max(coalesce(max(id), 0), $2) from answers))
