-- `list.sql` for SQLite, which would otherwise put the texts of all rows into a temporary table and sort them before it
-- returns the first row. Here only ids are sorted. Rows come in the order of `k`, because the outer loop is the left
-- side of a left join. $1 question, $2 offset, $3 limit.
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
