-- More votes, some under keys. $1 question, $2 votes without a key, $3 the keys of the others as a JSON array, $4 date.
update questions
set helpfulness = helpfulness + $2 + (
  select count(distinct value)
  from json_each($3)
  where not exists (select 1 from idempotency_keys where scope = value)
)
where id = $1
returning product_id
