-- One more vote; nothing when there is no such review. $1 review.
update reviews
set helpfulness = helpfulness + 1
where id = $1
