#!/bin/sh
# Puts this release in force on the node: installs it unless it is installed already, with a configuration if one is given,
# enables the service and starts it. Run as root.
#
#   deploy.sh DIGEST [CONFIGURATION]    DIGEST is that of the tarball which this came in, CONFIGURATION an absolute path
#
# A configuration that the release refuses changes nothing on the node.
set -eu
umask 022
cd "$(dirname "$0")"
digest=${1:?deploy.sh: no digest}
given=${2:-}
configuration=/etc/breakoutd/config.yaml
# What was installed from which release: nothing is done again where that is so already.
record=/usr/share/breakoutd/release.sha256
installed() { echo "$digest" && sha256sum /usr/sbin/breakoutd; }

# A directory of root's own: where the configuration comes from others may be able to write.
staged=$(mktemp -d)
trap 'rm -rf "$staged"' EXIT
trap 'exit 1' HUP INT TERM
if [ -n "$given" ]; then
    install -m 644 "$given" "$staged/config.yaml"
    files/usr/sbin/breakoutd check-config "$staged/config.yaml" || {
        echo "deploy.sh: the configuration is refused, and nothing was changed" >&2
        exit 1
    }
fi

if [ -e "$record" ] && [ "$(cat "$record")" = "$(installed)" ]; then
    echo "this release is installed already"
else
    ./install.sh
    installed >"$record"
fi
changed=no
if [ -n "$given" ] && ! cmp -s "$staged/config.yaml" "$configuration"; then
    # As a whole, and from the same file system.
    cp "$staged/config.yaml" "$configuration.installing"
    mv -f "$configuration.installing" "$configuration"
    changed=yes
fi
# Two calls: systemd 219 has no --now. The second returns when breakoutd watches.
systemctl enable breakoutd.service
systemctl start breakoutd.service
if [ "$changed" = yes ]; then systemctl reload breakoutd.service; fi
echo "breakoutd $(/usr/sbin/breakoutd --version) is installed, and its service runs"
