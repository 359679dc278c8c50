-- Publishes invalidation events. $1 id of this server, $2 kinds, $3 subjects: arrays of equal length. The commit is
-- asynchronous: events that are lost in a crash of the database are covered by the time to live of cached responses.
with asynchronous as materialized (select set_config('synchronous_commit', 'off', true) as commit)
insert into changes (origin, kind, subject)
select event.origin, event.kind, event.subject
from asynchronous, unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as bigint[])) as event (origin, kind, subject)
where asynchronous.commit = 'off'
