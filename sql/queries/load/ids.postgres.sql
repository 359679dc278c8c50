-- Sets the sequences of ids behind the largest loaded id. The id of a new photo is the id of its parent followed by a
-- digit: $1 (reviews) and $2 (answers) are the ids of parents that keep new photo ids above the loaded ones.
select setval('review_ids', (select greatest(max(id), $1) from reviews) + 1, false),
  setval('question_ids', (select coalesce(max(id), 0) from questions) + 1, false),
  setval('answer_ids', (select greatest(max(id), $2) from answers) + 1, false)
