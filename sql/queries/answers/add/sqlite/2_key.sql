-- Keeps the key under which it was posted, if any.
insert into idempotency_keys (scope, date, body)
select $9, $2, $10
where $9 is not null
on conflict (scope) do update
set date = excluded.date, body = excluded.body
