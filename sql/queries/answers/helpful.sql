-- More votes; its question and that one's product come back, nothing when there is no such answer. $1 answer, $2 votes.
update answers
set helpfulness = helpfulness + $2
where id = $1
returning question_id, coalesce((select product_id from questions where questions.id = answers.question_id), 0)
