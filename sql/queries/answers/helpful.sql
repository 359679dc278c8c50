-- One more vote; nothing when there is no such answer. $1 answer.
update answers
set helpfulness = helpfulness + 1
where id = $1
