-- The changes log: what others wrote since the last time. $1 who asks, $2 the snapshot of that time or null, $3 how
-- many rows at most. Each row, of which there is one at least, begins with the snapshot of this time, and whether the
-- last time says nothing about this one: there was none, or it is ahead, so the database is another.
with now as materialized (
  select pg_current_snapshot() as snapshot, cast(cast($2 as text) as pg_snapshot) as before
)
select cast(now.snapshot as text), coalesce(pg_snapshot_xmin(now.snapshot) < pg_snapshot_xmin(now.before), true),
  news.kind, news.subject
from now
left join lateral (
  select kind, subject
  from changes
  where tx >= pg_snapshot_xmin(now.before) and not pg_visible_in_snapshot(tx, now.before) and origin <> $1
  order by tx
  limit $3
) news on true
