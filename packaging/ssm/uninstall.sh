#!/bin/sh
# Exit code 0: breakoutd is not installed, or not any more. Logs and a changed configuration stay.
set -eu
if [ -e /usr/share/breakoutd/uninstall.sh ]; then
    /usr/share/breakoutd/uninstall.sh
    echo "breakoutd is removed"
elif rpm --quiet -q breakoutd 2>/dev/null; then
    rpm --erase breakoutd
    echo "breakoutd is removed"
else
    echo "breakoutd is not installed"
fi
