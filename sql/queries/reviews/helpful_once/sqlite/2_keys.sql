-- Keeps the keys under which votes were counted.
insert into idempotency_keys (scope, date, body)
select value, $4, ''
from json_each($3)
where true
on conflict (scope) do nothing
