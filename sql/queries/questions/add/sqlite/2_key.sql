-- Stores the idempotency key, if there is one.
insert into idempotency_keys (scope, date, body)
select $6, $2, $7
where $6 is not null
on conflict (scope) do update
set date = excluded.date, body = excluded.body
