-- The body that was stored under a key that is still kept. $1 scope, $2 the instant before which keys are forgotten.
select body
from idempotency_keys
where scope = $1 and date > $2
