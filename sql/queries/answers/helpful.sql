-- More votes; nothing when there is no such answer. $1 answer, $2 votes.
update answers
set helpfulness = helpfulness + $2
where id = $1
