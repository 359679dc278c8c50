-- More votes, some under keys; its product comes back, nothing when there is no such review. $1 review, $2 votes without a
-- key, $3 the keys of the others as a JSON array, $4 date: a vote whose key is kept already was counted before. A pair with
-- sqlite/: SQLite has no statement that writes several tables.
with claims as (
  insert into idempotency_keys (scope, date, body)
  -- In one order, so that two statements never wait for each other in a circle.
  select scope, $4, ''
  from json_array_elements_text(cast($3 as json)) as keys (scope)
  order by scope
  on conflict (scope) do nothing
  returning 1
)
update reviews
set helpfulness = helpfulness + $2 + (select count(*) from claims)
where id = $1
returning product_id
