-- Hides an answer for ever; its question and that one's product come back, nothing when there is none. $1 answer.
update answers
set reported = true
where id = $1
returning question_id, coalesce((select product_id from questions where questions.id = answers.question_id), 0)
