-- Hides a question for ever; its product comes back, nothing when there is none. $1 question.
update questions
set reported = true
where id = $1
returning product_id
