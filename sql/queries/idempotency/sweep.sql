-- Forgets old keys. $1 the instant before which they are forgotten.
delete from idempotency_keys
where date <= $1
