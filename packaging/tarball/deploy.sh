#!/bin/sh
# Puts this release in force on the node: installs it unless it is installed already, with a configuration if one is given,
# enables the service and starts it. Run as root.
#
#   deploy.sh DIGEST [CONFIGURATION]    DIGEST is that of the tarball which this came in, CONFIGURATION an absolute path
#
# A configuration that the release refuses, be it the node's own, changes nothing on the node.
set -eu
umask 022
cd "$(dirname "$0")"
digest=${1:?deploy.sh: no digest}
given=${2:-}
# What was installed from which release: nothing is done again where that is so already.
record=/usr/share/breakoutd/release.sha256
# shellcheck source=packaging/tarball/common.sh
. ./common.sh

# A directory of root's own: where the configuration comes from others may be able to write.
staged=$(mktemp -d)
trap 'rm -rf "$staged"; unlock' EXIT
trap 'exit 1' HUP INT TERM
if [ -n "$given" ]; then
    install -m 644 "$given" "$staged/config.yaml"
    given=$staged/config.yaml
fi

installed() { echo "$digest" && sha256sum /usr/sbin/breakoutd; }
as_wanted() {
    [ -e "$record" ] && [ "$(cat "$record")" = "$(installed)" ] &&
        { [ -z "$given" ] || same "$given" /etc/breakoutd/config.yaml; }
}
if as_wanted; then
    echo "this release is installed already"
else
    # For another configuration, too: a reload does not take up all of it, a restart does.
    ./install.sh ${given:+"$given"}
    installed >"$record"
fi
# Two calls: systemd 219 has no --now. The second returns when breakoutd watches.
systemctl enable breakoutd.service
systemctl start breakoutd.service
echo "breakoutd $(/usr/sbin/breakoutd --version) is installed, and its service runs"
