#!/bin/sh
# find: prints where the Chromium of this machine is; fails when there is none.
# drive: runs it with the arguments that follow, to be told what to do over standard input and to answer over standard
#       output, until standard input ends, which the kernel closes however the test process ends. It must lead a process
#       group of its own, all of which it ends.
# open: runs it with the arguments that follow until standard input ends, in the same way.

find_chromium() {
    command -v chromium || command -v chromium-browser || command -v google-chrome
}

the_chromium() {
    find_chromium || {
        echo "Chromium is missing: none of chromium, chromium-browser and google-chrome is on PATH. Install it:" \
            "make setup does on Debian, or apt-get install chromium." >&2
        exit 1
    }
}

case $1 in
    find) find_chromium ;;
    drive)
        shift
        chromium=$(the_chromium) || exit 1
        exec 3<&0 4>&1 </dev/null >/dev/null
        "$chromium" --remote-debugging-pipe "$@" # it ends with what it reads
        kill -KILL 0
        ;;
    open)
        shift
        chromium=$(the_chromium) || exit 1
        "$chromium" "$@" &
        exec 2>/dev/null # what is read of standard error ends with the last process of Chromium
        read -r _
        kill -KILL 0
        ;;
esac
