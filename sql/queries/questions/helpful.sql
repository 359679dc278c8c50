-- More votes; its product comes back, nothing when there is no such question. $1 question, $2 votes.
update questions
set helpfulness = helpfulness + $2
where id = $1
returning product_id
