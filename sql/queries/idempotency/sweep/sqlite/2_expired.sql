-- Deletes the expired keys among them.
delete from idempotency_keys
where scope in (
  select scope
  from (
    select scope, date
    from idempotency_keys
    where date >= $3 and date <= $2
    order by date
    limit $4
  )
  where date <= $1 or scope >= 'r'
)
