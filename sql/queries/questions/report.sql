-- Hides a question for ever; nothing when there is none. $1 question.
update questions
set reported = true
where id = $1 and not reported
