#!/bin/sh
# find: prints where the Chromium of this machine is; fails when there is none.
# open: runs it with the arguments that follow until standard input ends, which the kernel closes however the test
#       process ends. It must lead a process group of its own, all of which it ends.

find_chromium() {
    command -v chromium || command -v chromium-browser || command -v google-chrome
}

case $1 in
    find) find_chromium ;;
    open)
        shift
        chromium=$(find_chromium) || {
            echo "Chromium is missing: none of chromium, chromium-browser and google-chrome is on PATH. Install it:" \
                "make setup does on Debian, or apt-get install chromium." >&2
            exit 1
        }
        "$chromium" "$@" &
        exec 2>/dev/null # what is read of standard error ends with the last process of Chromium
        read -r _
        kill -KILL 0
        ;;
esac
