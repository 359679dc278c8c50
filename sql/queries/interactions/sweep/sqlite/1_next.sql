-- Looks at the next interactions by id: how many there are, the id of the last one and how many are in force come back. The
-- binds are those of ../postgres.sql.
select count(*), coalesce(max(id), 0), count(*) filter (where date between $1 and $2)
from (
  select id, date
  from interactions
  where id >= $3
  order by id
  limit $4
)
