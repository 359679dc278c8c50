-- Stores the key of the vote, if there is one.
insert into idempotency_keys (scope, date, body)
select $2, $3, ''
where $2 is not null
on conflict (scope) do nothing
