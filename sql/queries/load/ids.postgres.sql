-- New ids start after the largest loaded one. A new photo's id is its parent's with a digit behind it: $1, for reviews,
-- and $2, for answers, are the parents' ids that keep new photo ids above the loaded ones.
select setval('review_ids', (select greatest(max(id), $1) from reviews) + 1, false),
  setval('question_ids', (select coalesce(max(id), 0) from questions) + 1, false),
  setval('answer_ids', (select greatest(max(id), $2) from answers) + 1, false)
