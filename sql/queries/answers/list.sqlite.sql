-- `list.sql` for SQLite, which would carry every text of the page through a temporary table and a sort before the first
-- row comes out. Here only ids are sorted; rows come in the order of `k`, as the outer loop is the left side of a left
-- join. $1 question, $2 rows to skip, $3 rows at most.
select total.n, a.id, a.body, a.date, a.answerer_name, a.helpfulness, a.photos
from (select count(*) as n from answers where question_id = $1 and not reported) total
left join (
  select id
  from answers
  where question_id = $1 and not reported
  order by helpfulness desc, id
  limit $3 offset $2
) k on true
left join answers a on a.id = k.id
