-- Hides a question; its product comes back. $1 question.
update questions
set reported = true
where id = $1
returning product_id
