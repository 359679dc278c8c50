-- Deletes up to $2 invalidation events that are older than $1 milliseconds and returns how many were deleted.
with deleted as (
  delete from changes
  where ctid = any (array(
    select ctid
    from changes
    where at < (select cast(extract(epoch from now()) * 1000 as bigint) - $1)
    order by tx
    limit $2
    -- Another server may be deleting the same rows.
    for update skip locked
  ))
  returning 1
)
select count(*)
from deleted
