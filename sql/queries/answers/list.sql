-- A page of the answers to a question that are not reported, by helpfulness descending and id ascending, each with the
-- number of all of them; one row of nulls beside it when the page is empty. $1 question, $2 rows to skip, $3 rows at
-- most.
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
