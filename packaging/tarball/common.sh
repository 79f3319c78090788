# shellcheck shell=sh
# Sourced by what changes the installation: one at a time, from here to its end. What one of them runs is under its lock.
if [ -z "${BREAKOUTD_LOCKED:-}" ]; then
    # Root's alone: who can open it could hold it.
    (umask 077 && : >>/run/breakoutd-install.lock)
    exec 9>>/run/breakoutd-install.lock
    flock -n 9 || {
        echo "${0##*/}: waits for another installation or removal" >&2
        flock 9
    }
    export BREAKOUTD_LOCKED=yes
fi
