-- Stores the idempotency key, if there is one.
insert into idempotency_keys (scope, date, body)
select $13, $3, $14
where $13 is not null
on conflict (scope) do update
set date = excluded.date, body = excluded.body
