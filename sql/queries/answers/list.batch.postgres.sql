-- `list.sql` for several pages. $1 questions, $2 offsets, $3 limits: arrays of equal length. See
-- `products/one.batch.postgres.sql`.
select total.n, a.id, a.body, a.date, a.answerer_name, a.helpfulness, a.photos, requested.ordinal
from unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as bigint[]))
  with ordinality requested (question_id, page_offset, page_limit, ordinal)
cross join lateral (
  select count(*) as n from answers where question_id = requested.question_id and not reported
) total
left join lateral (
  select id, body, date, answerer_name, helpfulness, photos
  from answers
  where question_id = requested.question_id and not reported
  order by helpfulness desc, id
  limit requested.page_limit offset requested.page_offset
) a on true
order by requested.ordinal, a.helpfulness desc, a.id
