#!/bin/bash
# Stands for `cargo run`, `atelier` and `atelier-etl` in the commands of the documents: what runs was built before. A server does
# not end by itself, so it is started, asked and stopped.
set -euo pipefail
name=${0##*/}
if [ "$name" = cargo ]; then
    [ "${1:-}" = run ] || { echo "only 'cargo run' is run here, not: cargo $*" >&2; exit 1; }
    shift
    words=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        [ "$1" = --release ] || words+=("$1")
        shift
    done
    [ $# -eq 0 ] || shift
    case "${words[*]-}" in
        "") name=atelier ;;
        "-p atelier-etl") name=atelier-etl ;;
        *" --example "*)
            # Where its configuration is found, or all would be built anew.
            (cd "$ROOT" && "$CARGO" build -q --locked "${words[@]}")
            exec "$PROGRAMS/examples/${words[-1]}" "$@"
            ;;
        *) echo "not known here: cargo run ${words[*]}" >&2; exit 1 ;;
    esac
fi
program=$PROGRAMS/$name
case "$name ${1:-}" in
    "atelier " | "atelier --"*)
        case " $* " in *" --print-config "* | *" --help "*) exec "$program" "$@" ;; esac
        : >server.log
        "$program" --listen 127.0.0.1:0 "$@" >server.log 2>&1 &
        server=$!
        trap 'kill -KILL $server 2>/dev/null || :' EXIT
        until grep -q 'http://127.0.0.1:' server.log; do
            kill -0 $server 2>/dev/null || { cat server.log >&2; exit 1; }
            sleep 0.1
        done
        curl -sSf --noproxy '*' -o /dev/null "$(grep -om1 'http://127.0.0.1:[0-9]*' server.log)/products"
        kill -INT $server
        wait $server || { cat server.log >&2; exit 1; }
        trap - EXIT
        ;;
    *) exec "$program" "$@" ;;
esac
