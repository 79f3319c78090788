#!/bin/sh
# Exit code: 0 judged, and nothing found from FailOn on; 101 something was; 103 nothing was, and not everything could be
# judged; any other: there was no scan.
set -eu
umask 077
api='{{ Api }}'

# Not in /tmp, where nothing may be run on some nodes; /var/lib is where containers run from.
directory=$(mktemp -d /var/lib/breakoutd-scan.XXXXXXXX)
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM
fetch '{{ Url }}' '{{ Sha256 }}' "$directory/release.tar.gz"
tar --extract --gzip --file "$directory/release.tar.gz" --directory "$directory" --no-same-owner \
    --strip-components 4 --wildcards '*/files/usr/sbin/breakoutd'

set -- scan --format '{{ Format }}' --fail-on '{{ FailOn }}' --max-output 24000
if [ "$api" = yes ]; then set -- "$@" --api; fi
status=0
"$directory/breakoutd" "$@" || status=$?
case $status in
    0) ;;
    1 | 3) exit $((100 + status)) ;;
    *) exit 1 ;;
esac
