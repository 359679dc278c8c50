-- Hides an answer. Returns its question and the product of the question. $1 answer.
update answers
set reported = true
where id = $1
returning question_id, coalesce((select product_id from questions where questions.id = answers.question_id), 0)
