-- `list.sql` for several pages at once, each row with its page's place among those asked for. $1 questions, $2 rows to
-- skip, $3 rows at most: arrays of one length. For PostgreSQL alone: see `products/one.together.postgres.sql`.
select total.n, a.id, a.body, a.date, a.answerer_name, a.helpfulness, a.photos, asked.place
from unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as bigint[]))
  with ordinality asked (question_id, skip, most, place)
cross join lateral (
  select count(*) as n from answers where question_id = asked.question_id and not reported
) total
left join lateral (
  select id, body, date, answerer_name, helpfulness, photos
  from answers
  where question_id = asked.question_id and not reported
  order by helpfulness desc, id
  limit asked.most offset asked.skip
) a on true
order by asked.place, a.helpfulness desc, a.id
