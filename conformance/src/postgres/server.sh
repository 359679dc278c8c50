#!/bin/sh
# find:  prints the directory of the PostgreSQL server programs of this machine; fails when there are none.
# serve: runs a throwaway server until standard input ends. Each line read is a port to try on 127.0.0.1, answered with
#        "ready" or "taken"; anything else printed is the reason why there is no server.
# One shell process owns the directory and the server from before they exist until they are gone: the test process holds
# the other end of its standard input, which the kernel closes however that process ends.

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

# A database is some 300 files: made in 20 ms in memory, and in up to 300 ms on a disk.
roomy() {
    free_kib=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
    if [ -w /dev/shm ] && [ "${free_kib:-0}" -gt 4000000 ]; then echo /dev/shm; else echo /tmp; fi
}

clean_up() {
    exec >/dev/null 2>&1
    "$bin/pg_ctl" stop -D "$dir/data" -m immediate
    rm -rf "$dir"
}

serve() {
    bin=$(find_programs) || { echo "missing"; return; }
    dir=$(mktemp -d "${TMPDIR:-$(roomy)}/atelier-postgres.XXXXXX") || return
    trap clean_up EXIT
    trap exit HUP INT TERM
    trap '' PIPE # a reader that is gone must not keep us from cleaning up

    log=$dir/log
    "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$log" 2>&1 || { tail -n 20 "$log"; return; }
    cat >>"$dir/data/postgresql.conf" <<EOF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
max_connections = 300
shared_buffers = 64MB
fsync = off
full_page_writes = off
synchronous_commit = off
jit = off
EOF
    while read -r port; do
        : >"$log"
        if "$bin/pg_ctl" start -w -D "$dir/data" -l "$log" -o "-p $port" >"$dir/start" 2>&1 </dev/null; then
            echo ready
        elif grep -q 'Address already in use' "$log"; then
            echo taken
        else
            tail -n 20 "$log"
            cat "$dir/start"
            return
        fi
    done
}

case $1 in
    find) find_programs ;;
    serve) serve 2>&1 ;;
esac
