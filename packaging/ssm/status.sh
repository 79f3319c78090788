#!/bin/sh
# Exit code: 0 breakoutd watches; 101 it does, but something does not work; 103 it does not run; any other: it is not
# installed, or does not answer.
set -eu
if [ ! -x /usr/sbin/breakoutd ]; then
    echo "breakoutd is not installed"
    exit 1
fi
echo "version $(/usr/sbin/breakoutd --version)"
status=0
/usr/sbin/breakoutd status || status=$?
case $status in
    0) ;;
    1 | 3) exit $((100 + status)) ;;
    *) exit 1 ;;
esac
