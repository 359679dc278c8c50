-- Hides an answer for ever; nothing when there is none. $1 answer.
update answers
set reported = true
where id = $1 and not reported
