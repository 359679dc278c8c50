#!/bin/sh
# Makes a base backup of the primary once, then runs as its standby.
set -eu
copied=$PGDATA/copied.from.primary
if [ ! -e "$copied" ]; then
    # Removes an incomplete backup.
    find "$PGDATA" -mindepth 1 -delete
    chmod 0700 "$PGDATA"
    pg_basebackup --host "$PRIMARY" --port "${PRIMARY_PORT:-5432}" --username replicator --no-password --pgdata "$PGDATA" \
        --wal-method stream --slot standby --checkpoint fast --write-recovery-conf
    touch "$copied"
fi
exec postgres "$@"
