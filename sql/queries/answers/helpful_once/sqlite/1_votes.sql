-- More votes, some under keys. $1 answer, $2 votes without a key, $3 the keys of the others as a JSON array, $4 date.
update answers
set helpfulness = helpfulness + $2 + (
  select count(distinct value)
  from json_each($3)
  where not exists (select 1 from idempotency_keys where scope = value)
)
where id = $1
returning question_id, coalesce((select product_id from questions where questions.id = answers.question_id), 0)
