-- Adds a vote unless its key is already stored. Returns the product of the question. $1 question, $2 key or null, $3
-- date.
update questions
set helpfulness = helpfulness + (case when exists (select 1 from idempotency_keys where scope = $2) then 0 else 1 end)
where id = $1
returning product_id
