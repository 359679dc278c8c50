-- Forgets old keys. $1 the instant before which those of clients are forgotten, $2 the same of those that stand for a
-- request which a proxy may send again: their scope begins with r, behind all digits.
delete from idempotency_keys
where date <= $1 or (scope >= 'r' and date <= $2)
