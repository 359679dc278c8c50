-- Returns how many of the next items are expired. Parameters as in ../postgres.sql.
select count(*)
from (
  select 1
  from cart_items
  where changed_on < $1 / 86400000
  limit $2
)
