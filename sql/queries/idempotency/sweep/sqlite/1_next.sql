-- Looks at the next keys by date; how many there are and the date of the last one come back. The binds are those of
-- ../postgres.sql.
select count(*), coalesce(max(date), 0)
from (
  select date
  from idempotency_keys
  where date >= $3 and date <= $2
  order by date
  limit $4
)
