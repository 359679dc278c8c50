-- Returns the number of the next keys by date and the date of the last one. Parameters as in ../postgres.sql.
select count(*), coalesce(max(date), 0)
from (
  select date
  from idempotency_keys
  where date >= $3 and date <= $2
  order by date
  limit $4
)
