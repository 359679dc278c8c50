-- Adds a vote unless its key is already stored. Returns the question of the answer and the product of the question. $1
-- answer, $2 key or null, $3 date.
update answers
set helpfulness = helpfulness + (case when exists (select 1 from idempotency_keys where scope = $2) then 0 else 1 end)
where id = $1
returning question_id, coalesce((select product_id from questions where questions.id = answers.question_id), 0)
