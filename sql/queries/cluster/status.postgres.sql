-- The status of one server of a cluster. Columns: id of the cluster and of the database; start time in microseconds;
-- whether the server is a standby; whether it accepts writes; its timeline; the end of its WAL as a number (insert
-- position of a primary, replay position of a standby).
-- The insert position of a primary is behind the header of a page that has no record yet (24 bytes, or 40 in the first
-- page of a segment). A standby that is at the start of the page has replayed everything before it, so the header is
-- subtracted.
-- A standby does not report the timeline that it replays. It is at least the timeline of its last restart point and the
-- timeline that it receives; only members of pg_read_all_stats can see the latter.
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
