-- What a server is among those that hold the same database. One row: which database this is, and since when the server
-- runs; whether it replays what another writes, whether it takes changes, its timeline, and where its log ends, as a
-- number: that of a primary where it is written, that of a standby where it is replayed.
-- A primary's log ends behind the header of a page that no record has begun yet, of 24 bytes, or 40 in a segment's first
-- page. A standby has replayed all before that once it is at the page's start. A standby does not tell the timeline that
-- it replays: it has come to that of its last restart point at least, and to that which it receives (the view shows that
-- to members of pg_read_all_stats alone).
with server as materialized (
  select pg_is_in_recovery() as standby
), log as materialized (
  select standby, case when standby then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end as position
  from server
), page as materialized (
  select standby, position,
    case
      when standby then 0
      when (pg_walfile_name_offset(position)).file_offset = 40 then 40
      when (pg_walfile_name_offset(position)).file_offset % cast(current_setting('wal_block_size') as int) = 24 then 24
      else 0
    end as header
  from log
)
select concat_ws('/', cluster.system_identifier, own.oid),
  cast(extract(epoch from pg_postmaster_start_time()) * 1000000 as bigint),
  page.standby,
  current_setting('transaction_read_only') = 'off',
  case
    when page.standby then greatest(
      cast(restart.timeline_id as bigint),
      cast(replayed.min_recovery_end_timeline as bigint),
      (select cast(received_tli as bigint) from pg_stat_wal_receiver)
    )
    else cast(cast('x' || left(pg_walfile_name(page.position), 8) as bit(32)) as bigint)
  end,
  cast(coalesce(page.position - cast('0/0' as pg_lsn), 0) as bigint) - page.header
from page, pg_control_system() cluster, pg_control_checkpoint() restart, pg_control_recovery() replayed, pg_database own
where own.datname = current_database()
