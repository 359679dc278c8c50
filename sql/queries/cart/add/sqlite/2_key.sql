-- Stores the idempotency key, if there is one.
insert into idempotency_keys (scope, date, body)
select $4, $3, $5
where $4 is not null
on conflict (scope) do update
set date = excluded.date, body = excluded.body
