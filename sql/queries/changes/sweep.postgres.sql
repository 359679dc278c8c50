-- The changes log: forgets some of the rows that are older than $1 milliseconds, $2 at most, and tells how many.
with gone as (
  delete from changes
  where ctid = any (array(
    select ctid
    from changes
    where at < (select cast(extract(epoch from now()) * 1000 as bigint) - $1)
    order by tx
    limit $2
    -- Another server may be at it.
    for update skip locked
  ))
  returning 1
)
select count(*)
from gone
