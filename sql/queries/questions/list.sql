-- A page of the questions about a product that are not reported, by helpfulness and id, both descending. A question has
-- one row for each of its answers that are not reported, by ascending id, and its texts only in the first of them. Each
-- row has the number of all such questions; an empty page is one row with that number and nulls. $1 product, $2 offset,
-- $3 limit, $4 maximum number of answers per question, less 1.
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
left join answers a on a.question_id = q.id and not a.reported and (q.last_answer is null or a.id <= q.last_answer)
order by q.helpfulness desc, q.id desc, a.id
