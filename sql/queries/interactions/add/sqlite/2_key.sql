-- Stores the idempotency key, if there is one.
insert into idempotency_keys (scope, date, body)
select $5, $1, $6
where $5 is not null
on conflict (scope) do update
set date = excluded.date, body = excluded.body
