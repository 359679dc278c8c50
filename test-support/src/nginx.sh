#!/bin/sh
# Runs nginx with the arguments until it ends or standard input is closed, which the kernel does when the test ends.
exec 3<&0 </dev/null
nginx "$@" &
nginx=$!
{
    cat <&3 >/dev/null
    kill -s TERM "$nginx"
} &
watch=$!
exec 3<&-
wait "$nginx"
code=$?
kill "$watch" # it may name another process by now
exit $code
