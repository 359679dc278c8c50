-- Inserts the answer and returns its id, its question and the product of the question. Parameters as in
-- ../postgres.sql.
insert into answers (question_id, date, helpfulness, reported, body, answerer_name, answerer_email, photos, photo_urls)
select id, $2, 0, false, $3, $4, $5,
  -- The next id: the transaction holds the write lock, so no other writer takes it.
  replace($6, $7, cast(coalesce((select seq from sqlite_sequence where name = 'answers'), 0) + 1 as text)), $8
from questions
where id = $1 and not exists (select 1 from idempotency_keys where scope = $9 and date > $11)
returning id, question_id, (select product_id from questions where id = $1)
