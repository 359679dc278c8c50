-- One more vote; nothing when there is no such question. $1 question.
update questions
set helpfulness = helpfulness + 1
where id = $1
