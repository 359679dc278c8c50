-- `list.sql` for SQLite, which would otherwise sort the texts of all rows before it returns the first row. Here rows
-- come in the order of `q`, because the outer loop is the left side of a left join, and within it in the order of the
-- index. $1 product, $2 offset, $3 limit, $4 maximum number of answers per question, less 1.
select total.n, q.id,
  case when a.id is null or a.id = q.first_answer then q.body end, q.date,
  case when a.id is null or a.id = q.first_answer then q.asker_name end, q.helpfulness,
  a.id, a.body, a.date, a.answerer_name, a.helpfulness, a.photo_urls
from (select count(*) as n from questions where product_id = $1 and not reported) total
left join (
  select id, body, date, asker_name, helpfulness, (
      select first.id
      from answers first
      where first.question_id = questions.id and not first.reported
      order by first.id
      limit 1
    ) as first_answer, (
      select last.id
      from answers last
      where last.question_id = questions.id and not last.reported
      order by last.id
      limit 1 offset $4
    ) as last_answer
  from questions
  where product_id = $1 and not reported
  order by helpfulness desc, id desc
  limit $3 offset $2
) q on true
left join answers a indexed by answers_by_id
  on a.question_id = q.id and not a.reported and (q.last_answer is null or a.id <= q.last_answer)
