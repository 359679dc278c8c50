-- More votes; its product comes back, nothing when there is no such review. $1 review, $2 votes.
update reviews
set helpfulness = helpfulness + $2
where id = $1
returning product_id
