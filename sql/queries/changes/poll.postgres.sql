-- Reads the invalidation events that other servers published since the last poll. $1 id of this server, $2 snapshot of
-- the last poll or null, $3 limit.
-- Returns at least one row. Columns: the snapshot of this poll; whether the snapshot in $2 cannot be continued from (it
-- is null, or newer than the database, which then is a different one); kind and subject of an event, or nulls.
with now as materialized (
  select pg_current_snapshot() as snapshot, cast(cast($2 as text) as pg_snapshot) as before
)
select cast(now.snapshot as text), coalesce(pg_snapshot_xmin(now.snapshot) < pg_snapshot_xmin(now.before), true),
  events.kind, events.subject
from now
left join lateral (
  select kind, subject
  from changes
  where tx >= pg_snapshot_xmin(now.before) and not pg_visible_in_snapshot(tx, now.before) and origin <> $1
  order by tx
  limit $3
) events on true
