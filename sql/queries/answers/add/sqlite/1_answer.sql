-- The answer; its id, its question and that one's product come back when it is stored. The binds are those of
-- ../postgres.sql.
insert into answers (question_id, date, helpfulness, reported, body, answerer_name, answerer_email, photos, photo_urls)
select id, $2, 0, false, $3, $4, $5,
  -- The next id, which no other writer can take meanwhile.
  replace($6, $7, cast(coalesce((select seq from sqlite_sequence where name = 'answers'), 0) + 1 as text)), $8
from questions
where id = $1 and not exists (select 1 from idempotency_keys where scope = $9 and date > $11)
returning id, question_id, (select product_id from questions where id = $1)
