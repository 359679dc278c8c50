-- `list.sql` for several pages at once, each row with its page's place among those asked for. $1 products, $2 rows to
-- skip, $3 questions at most, $4 the most answers of one question, less 1: arrays of one length. For PostgreSQL alone:
-- see `products/one.together.postgres.sql`.
select total.n, q.id,
  case when a.id is null or a.id = q.first_answer then q.body end, q.date,
  case when a.id is null or a.id = q.first_answer then q.asker_name end, q.helpfulness,
  a.id, a.body, a.date, a.answerer_name, a.helpfulness, a.photo_urls, asked.place
from unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as bigint[]), cast($4 as bigint[]))
  with ordinality asked (product_id, skip, most, more_answers, place)
cross join lateral (
  select count(*) as n from questions where product_id = asked.product_id and not reported
) total
left join lateral (
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
      limit 1 offset asked.more_answers
    ) as last_answer
  from questions
  where product_id = asked.product_id and not reported
  order by helpfulness desc, id desc
  limit asked.most offset asked.skip
) q on true
left join answers a on a.question_id = q.id and not a.reported and (q.last_answer is null or a.id <= q.last_answer)
order by asked.place, q.helpfulness desc, q.id desc, a.id
