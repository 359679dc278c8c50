#!/bin/sh
# Runs once, when the database is created: allows the standby to replicate.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set password="$REPLICATION_PASSWORD" \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role replicator with replication login password :'password';
select pg_create_physical_replication_slot('standby');
SQL
echo 'host replication replicator samenet scram-sha-256' >>"$PGDATA/pg_hba.conf"
