#!/bin/sh
# Removes what install.sh installed, and what breakoutd kept in /var/lib/breakoutd; it is on the node as
# /usr/share/breakoutd/uninstall.sh. Run as root. Logs stay, and so does a configuration that somebody has changed.
set -eu
share=/usr/share/breakoutd
configuration=/etc/breakoutd/config.yaml

fail() { echo "uninstall.sh: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "needs root"
if [ -e "$share/lock.sh" ]; then
    # shellcheck source=packaging/tarball/lock.sh
    . "$share/lock.sh"
fi
[ -e "$share/files" ] || fail "breakoutd is not installed, or not by install.sh"

systemctl --no-reload disable breakoutd.service breakoutd-alert.service >/dev/null 2>&1 || true
if [ -d /run/systemd/system ]; then systemctl stop breakoutd.service breakoutd-alert.service; fi
if cmp -s "$share/config.yaml" "$configuration"; then rm -f "$configuration"; fi
rm -f "$configuration.new"
while read -r path; do
    rm -f "$path"
    # Its folder, where that is breakoutd's own.
    case ${path%/*} in
        *breakoutd*) rmdir "${path%/*}" 2>/dev/null || true ;;
    esac
done <"$share/files"
rm -rf "$share" /var/lib/breakoutd
rmdir /etc/breakoutd /var/log/breakoutd 2>/dev/null || true

journalctl --update-catalog >/dev/null 2>&1 || true
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
