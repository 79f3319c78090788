#!/bin/sh
# Exit code: 0 judged, and nothing found from FailOn on; 101 something was; 103 nothing was, and not everything could be
# judged; any other: there was no scan.
set -eu
umask 077
api='{{ Api }}'

# Nothing is left even by SIGKILL: the files have lost their names before anything is in them, and are gone with this
# script. Not in /tmp, where nothing may be run on some nodes; /var/lib is where containers run from.
release=$(mktemp /var/lib/breakoutd-scan.XXXXXXXX)
exec 3>"$release"
exec 4<"$release"
rm "$release"
program=$(mktemp /var/lib/breakoutd-scan.XXXXXXXX)
chmod 700 "$program"
exec 5>"$program"
exec 6<"$program"
rm "$program"
# An empty file of a scan that was killed in that moment.
sweep /var/lib/breakoutd-scan

# Each opens the file anew, at its beginning.
fetch '{{ Url }}' '{{ Sha256 }}' /proc/self/fd/3
tar --extract --gzip --file - --to-stdout --wildcards '*/files/usr/sbin/breakoutd' </proc/self/fd/4 >&5
# What is open for writing cannot be run.
exec 3>&- 5>&-

set -- scan --format '{{ Format }}' --fail-on '{{ FailOn }}' --max-output 24000
if [ "$api" = yes ]; then set -- "$@" --api; fi
status=0
/proc/self/fd/6 "$@" || status=$?
case $status in
    0) ;;
    1 | 3) exit $((100 + status)) ;;
    *) exit 1 ;;
esac
