# shellcheck shell=sh
# Sourced by what changes the installation, of which one runs at a time: from here to its end. What one of them runs is under
# its lock. None of them needs findutils or diffutils, which are not on every node.

lock=/run/breakoutd-install.lock
while [ -z "${BREAKOUTD_LOCKED:-}" ]; do
    # Root's alone: who can open it could hold it.
    (umask 077 && : >>"$lock")
    exec 9>>"$lock"
    flock -n 9 || {
        echo "${0##*/}: waits for another installation or removal" >&2
        flock 9
    }
    # Its last holder has removed it: what counts is the one that is there now.
    [ "$(stat -L --format %i /proc/self/fd/9)" != "$(stat --format %i "$lock" 2>/dev/null)" ] || export BREAKOUTD_LOCKED=$$
done

# unlock: for the end of the script.
unlock() { [ "$BREAKOUTD_LOCKED" != $$ ] || rm -f "$lock"; }
trap unlock EXIT

# same FILE FILE: whether both are there and hold the same.
same() { [ -e "$1" ] && [ -e "$2" ] && [ "$(sha256sum <"$1")" = "$(sha256sum <"$2")" ]; }
