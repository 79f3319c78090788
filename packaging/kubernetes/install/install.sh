#!/bin/sh
# Verifies what fetch.sh has brought, and lets the node's systemd run node.sh, of which it tells the output and the end.
set -eu
cd /release

fail() { echo "install.sh: $*" >&2; exit 1; }

# verify FILE DIGEST
verify() {
    [ "$(sha256sum <"$1" | cut -c 1-64)" = "$2" ] || fail "$1 does not have the SHA-256 digest $2"
}

# The node's own systemctl, by the node's own loader: it is of the same systemd.
systemctl() {
    for loader in /node/usr/lib64/ld-linux-*.so.? /node/usr/lib/ld-linux-*.so.? /node/usr/lib/*-linux-gnu/ld-linux-*.so.?; do
        [ ! -e "$loader" ] || break
    done
    libraries=${loader%/*}
    "$loader" --library-path "$libraries:$libraries/systemd:/node/usr/lib/systemd" /node/usr/bin/systemctl "$@"
}

: "${BREAKOUTD_SHA256:?release.env: not set}"
verify breakoutd.tar.gz "$BREAKOUTD_SHA256"
if [ -n "${SSM_AGENT_URL:-}" ]; then verify amazon-ssm-agent.rpm "$SSM_AGENT_SHA256"; fi
# After an interruption, too.
rm -rf breakoutd breakoutd-* output
tar -xzof breakoutd.tar.gz
mv breakoutd-* breakoutd
echo "$BREAKOUTD_SHA256" >digest
cp /scripts/node.sh /scripts/config.yaml .

unit=/run/systemd/system/breakoutd-install@.service
trap 'rm -f "$unit"' EXIT
trap 'exit 1' HUP INT TERM
cp "/scripts/${unit##*/}" "$unit"
status=0
# It comes back when the unit has ended.
systemctl start "breakoutd-install@$POD_UID.service" || status=$?
[ ! -e output ] || cat output
exit "$status"
