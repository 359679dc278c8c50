-- The changes log: writes down what was changed here. $1 who, $2 kinds, $3 subjects: arrays of one length. It does not
-- wait for the disk: what a crash of the database loses of it is as if it had never been told.
with soon as materialized (select set_config('synchronous_commit', 'off', true) as commit)
insert into changes (origin, kind, subject)
select told.origin, told.kind, told.subject
from soon, unnest(cast($1 as bigint[]), cast($2 as bigint[]), cast($3 as bigint[])) as told (origin, kind, subject)
where soon.commit = 'off'
