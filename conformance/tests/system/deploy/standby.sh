# In a folder with the scripts of deploy/compose, and PostgreSQL's programs on PATH: the ports of a primary and a standby.
set -eu
primary_port=$1 standby_port=$2
here=$PWD
export LC_ALL=C PGCONNECT_TIMEOUT=10 POSTGRES_USER=atelier POSTGRES_DB=atelier

standby=
end() {
    [ -z "$standby" ] || kill -s INT "$standby"
    pg_ctl stop -D "$here/primary" -m immediate || :
    wait
    rm -rf "$here/primary" "$here/standby"
}
trap end EXIT

# Like the entrypoint of the image: network clients need a password.
initdb -D primary -U atelier -A trust --no-sync >primary.log
printf 'local all all trust\nhost all all all scram-sha-256\n' >primary/pg_hba.conf
pg_ctl start -w -D primary -l primary.log -o "-p $primary_port -k $here -c fsync=off" >start.log
export PGHOST="$here" PGPORT="$primary_port"
createdb -U atelier atelier
PGDATA=$here/primary REPLICATION_PASSWORD="it's 1" sh primary.sh
pg_ctl reload -D primary >start.log

ask() { # PORT STATEMENT
    psql -X -q -A -t -h "$here" -p "$1" -U atelier -d atelier -c "$2"
}

follow() {
    mkdir -p standby
    PGDATA=$here/standby PRIMARY=127.0.0.1 PRIMARY_PORT=$primary_port PGPASSWORD="it's 1" \
        sh standby.sh -p "$standby_port" -k "$here" -c listen_addresses= >>standby.log 2>&1 &
    standby=$!
}

# Waits until the standby shows a number of rows.
shows() {
    until [ "$(ask "$standby_port" 'select count(*) from t' 2>/dev/null)" = "$1" ]; do
        kill -0 "$standby" || { cat standby.log; exit 1; }
        sleep 0.1
    done
}

ask "$primary_port" 'create table t as select 1 as v'
mkdir -p standby/left-by-an-interrupted-copy
follow
shows 1
[ "$(ask "$standby_port" 'select pg_is_in_recovery()')" = t ]
ask "$primary_port" 'insert into t values (2)'
shows 2

# It resumes where it stopped: an existing copy is not copied again.
kill -s INT "$standby"
wait "$standby"
ask "$primary_port" 'insert into t values (3)'
touch standby/marker
follow
shows 3
[ -e standby/marker ]
[ ! -e standby/left-by-an-interrupted-copy ]
[ "$(ask "$primary_port" "select active from pg_replication_slots where slot_name = 'standby'")" = t ]
