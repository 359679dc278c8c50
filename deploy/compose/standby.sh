#!/bin/sh
# Copies the primary's files once, and follows it from then on.
set -eu
copied=$PGDATA/copied.from.primary
if [ ! -e "$copied" ]; then
    # What an interrupted copy has left.
    find "$PGDATA" -mindepth 1 -delete
    chmod 0700 "$PGDATA"
    pg_basebackup --host "$PRIMARY" --port "${PRIMARY_PORT:-5432}" --username replicator --no-password --pgdata "$PGDATA" \
        --wal-method stream --slot standby --checkpoint fast --write-recovery-conf
    touch "$copied"
fi
exec postgres "$@"
