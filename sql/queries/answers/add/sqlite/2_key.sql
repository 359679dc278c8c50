-- Stores the idempotency key, if there is one.
insert into idempotency_keys (scope, date, body)
select $9, $2, $10
where $9 is not null
on conflict (scope) do update
set date = excluded.date, body = excluded.body
