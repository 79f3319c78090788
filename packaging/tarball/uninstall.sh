#!/bin/sh
# Removes what install.sh installed, and what breakoutd kept in /var/lib/breakoutd; it is on the node as
# /usr/share/breakoutd/uninstall.sh. Run as root. Logs stay, and so does a configuration that somebody has changed.
#
#   uninstall.sh [--keep-state]    /var/lib/breakoutd stays: open findings, the baseline, and what is not told yet
set -eu
state=/var/lib/breakoutd
[ "${1:-}" != --keep-state ] || state=
share=/usr/share/breakoutd
configuration=/etc/breakoutd/config.yaml

fail() { echo "uninstall.sh: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "needs root"
missing="breakoutd is not installed, or not by install.sh"
[ -e "$share/common.sh" ] || fail "$missing"
# shellcheck source=packaging/tarball/common.sh
. "$share/common.sh"
# Somebody else's removal may have been waited for.
[ -e "$share/files" ] || fail "$missing"

systemctl --no-reload disable breakoutd.service breakoutd-alert.service >/dev/null 2>&1 || true
if [ -d /run/systemd/system ]; then systemctl stop breakoutd.service breakoutd-alert.service; fi
if same "$share/config.yaml" "$configuration"; then rm -f "$configuration"; fi
rm -f "$configuration.new"
while read -r path; do
    rm -f "$path"
    # Its folder, where that is breakoutd's own.
    case ${path%/*} in
        *breakoutd*) rmdir "${path%/*}" 2>/dev/null || true ;;
    esac
done <"$share/files"
rm -rf "$share" ${state:+"$state"}
rmdir /etc/breakoutd /var/log/breakoutd 2>/dev/null || true

journalctl --update-catalog >/dev/null 2>&1 || true
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
