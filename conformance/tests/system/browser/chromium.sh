#!/bin/sh
# find: prints the path of Chromium; fails without one.
# drive ARGUMENT..: runs it, controlled over standard input and output, until standard input is closed, which the kernel
#       does when the test process ends. It must lead a process group of its own, all of which it ends.
# open ARGUMENT..: runs it until standard input is closed.

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
        "$chromium" --remote-debugging-pipe "$@" # it ends with its input
        kill -KILL 0
        ;;
    open)
        shift
        chromium=$(the_chromium) || exit 1
        "$chromium" "$@" &
        exec 2>/dev/null # standard error is open until the last process of Chromium ends
        read -r _
        kill -KILL 0
        ;;
esac
