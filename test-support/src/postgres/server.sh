#!/bin/sh
# find:  prints the directory of the PostgreSQL server programs; fails without them.
# serve: runs a throwaway server until standard input is closed. Each line read is a port to try on 127.0.0.1, answered with
#        "ready" or "taken"; any other output is the reason of a failure.
# cluster: runs a primary and its hot standbys until standard input is closed. Each line read is a command, answered as above:
#        primary NAME PORT, standby NAME PORT OF_PORT: makes a server and starts it
#        start NAME PORT; stop NAME fast|immediate; promote NAME; follow NAME OF_PORT: configures a stopped server as a standby
#        where: answered with the directory of all of them, in which log.NAME is the log of a server
# One shell process owns the directory and the server from start to end: the test process holds the other end of its standard
# input, which the kernel closes when that process ends for any reason.

export LC_ALL=C # messages are matched below

find_programs() {
    {
        command -v initdb | sed 's,/[^/]*$,,'
        printf '%s\n' /usr/lib/postgresql/*/bin | sort -t / -k 5,5nr # Debian keeps them off PATH, one set a major version
        pg_config --bindir
    } 2>/dev/null | while read -r candidate; do
        if [ -x "$candidate/initdb" ] && [ -x "$candidate/pg_ctl" ] && [ -x "$candidate/postgres" ]; then
            echo "$candidate"
            return
        fi
    done | grep .
}

# A database is about 300 files: created in 20 ms in memory, and in up to 300 ms on a disk.
roomy() {
    free_kib=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
    if [ -w /dev/shm ] && [ "${free_kib:-0}" -gt 4000000 ]; then echo /dev/shm; else echo /tmp; fi
}

clean_up() {
    exec >/dev/null 2>&1
    for data in "$dir"/data*; do "$bin/pg_ctl" stop -D "$data" -m immediate; done
    rm -rf "$dir"
}

set_up() {
    bin=$(find_programs) || { echo "missing"; return 1; }
    dir=$(mktemp -d "${TMPDIR:-$(roomy)}/atelier-postgres.XXXXXX") || return
    trap clean_up EXIT
    trap exit HUP INT TERM
    trap '' PIPE # without a reader the cleanup must still run
}

# Creates the files of a server in directory $1; output goes to file $2.
init() {
    "$bin/initdb" -D "$1" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$2" 2>&1 || { tail -n 20 "$2"; return 1; }
    cat >>"$1/postgresql.conf" <<EOF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
max_connections = 300
shared_buffers = 64MB
fsync = off
full_page_writes = off
synchronous_commit = off
jit = off
EOF
}

# Starts the server of directory $1 at port $3, with its log in file $2.
start() {
    : >>"$2"
    before=$(wc -l <"$2")
    if "$bin/pg_ctl" start -w -D "$1" -l "$2" -o "-p $3" >"$dir/start" 2>&1 </dev/null; then
        echo ready
    elif tail -n "+$((before + 1))" "$2" | grep -q 'Address already in use'; then
        echo taken
    else
        tail -n 20 "$2"
        cat "$dir/start"
        return 1
    fi
}

serve() {
    set_up && init "$dir/data" "$dir/log" || return
    while read -r port; do
        start "$dir/data" "$dir/log" "$port" || return
    done
}

# Runs a program, and prints its output when it fails.
try() {
    "$@" >"$dir/start" 2>&1 </dev/null && return
    cat "$dir/start"
    return 1
}

# Configures directory $1 as a standby of the server at port $2, under name $3.
standby() {
    : >"$1/standby.signal" &&
        echo "primary_conninfo = 'host=127.0.0.1 port=$2 user=postgres application_name=$3'" >>"$1/postgresql.auto.conf"
}

cluster() {
    set_up || return
    # Beside the server itself, where those on PATH are links to the three that every test needs.
    bin=$(dirname "$(readlink -f "$bin/postgres")")
    while read -r command name first second; do
        data=$dir/data.$name
        log=$dir/log.$name
        case $command in
            primary)
                # Logged statements show tests which server answered a read. Synchronous commits survive a crash.
                [ -e "$data" ] || { init "$data" "$log" &&
                    printf '%s\n' "log_statement = 'all'" 'synchronous_commit = on' >>"$data/postgresql.conf"; } || return
                start "$data" "$log" "$first" || return
                ;;
            standby)
                if [ ! -e "$data" ]; then
                    try "$bin/pg_basebackup" -D "$data" -h 127.0.0.1 -p "$second" -U postgres -c fast --no-sync || return
                    standby "$data" "$second" "$name" || return
                fi
                start "$data" "$log" "$first" || return
                ;;
            start) start "$data" "$log" "$first" || return ;;
            stop) try "$bin/pg_ctl" stop -w -D "$data" -m "$first" && echo ready || return ;;
            promote) try "$bin/pg_ctl" promote -w -D "$data" && echo ready || return ;;
            where) echo "$dir" ;;
            follow) standby "$data" "$first" "$name" && echo ready || return ;;
        esac
    done
}

case $1 in
    find) find_programs ;;
    serve) serve 2>&1 ;;
    cluster) cluster 2>&1 ;;
esac
