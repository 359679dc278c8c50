-- Returns the number of the next interactions by id, the id of the last one, and how many are not expired. Parameters
-- as in ../postgres.sql.
select count(*), coalesce(max(id), 0), count(*) filter (where date between $1 and $2)
from (
  select id, date
  from interactions
  where id >= $3
  order by id
  limit $4
)
