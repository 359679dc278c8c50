-- How many of the next lines are expired. The binds are those of ../postgres.sql.
select count(*)
from (
  select 1
  from cart_items
  where changed_on < $1 / 86400000
  limit $2
)
