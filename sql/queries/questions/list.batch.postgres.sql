-- `list.sql` for several pages. $1 products, $2 offsets, $3 limits, $4 maximum numbers of answers per question, less 1:
-- arrays of equal length. See `products/one.batch.postgres.sql`.
select total.n, q.id,
  case when a.id is null or a.id = q.first_answer then q.body end, q.date,
  case when a.id is null or a.id = q.first_answer then q.asker_name end, q.helpfulness,
  a.id, a.body, a.date, a.answerer_name, a.helpfulness, a.photo_urls, requested.ordinal
from unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as bigint[]), cast($4 as bigint[]))
  with ordinality requested (product_id, page_offset, page_limit, more_answers, ordinal)
cross join lateral (
  select count(*) as n from questions where product_id = requested.product_id and not reported
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
      limit 1 offset requested.more_answers
    ) as last_answer
  from questions
  where product_id = requested.product_id and not reported
  order by helpfulness desc, id desc
  limit requested.page_limit offset requested.page_offset
) q on true
left join answers a on a.question_id = q.id and not a.reported and (q.last_answer is null or a.id <= q.last_answer)
order by requested.ordinal, q.helpfulness desc, q.id desc, a.id
