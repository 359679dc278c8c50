-- The hash of the body that was stored under an idempotency key. $1 scope of the key, $2 time before which keys have
-- expired.
select body
from idempotency_keys
where scope = $1 and date > $2
