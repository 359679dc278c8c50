-- A page of the answers to a question that are not reported, by helpfulness descending, then by id. Each row has the
-- number of all such answers; an empty page is one row with that number and nulls. $1 question, $2 offset, $3 limit.
select total.n, a.id, a.body, a.date, a.answerer_name, a.helpfulness, a.photos
from (select count(*) as n from answers where question_id = $1 and not reported) total
left join (
  select id, body, date, answerer_name, helpfulness, photos
  from answers
  where question_id = $1 and not reported
  order by helpfulness desc, id
  limit $3 offset $2
) a on true
order by a.helpfulness desc, a.id
