#!/bin/sh
# Verifies what fetch.sh has brought, and lets the node's systemd run node.sh, of which it tells the output and the end.
set -eu
cd /release

fail() { echo "install.sh: $*" >&2; exit 1; }

# verify FILE DIGEST
verify() {
    [ "$(sha256sum <"$1" | cut -c 1-64)" = "$2" ] || fail "$1 does not have the SHA-256 digest $2"
}

# The node's own systemd-run, by the node's own loader: it is of the same systemd.
systemd_run() {
    for loader in /node/usr/lib64/ld-linux-*.so.? /node/usr/lib/ld-linux-*.so.? /node/usr/lib/*-linux-gnu/ld-linux-*.so.?; do
        [ ! -e "$loader" ] || break
    done
    libraries=${loader%/*}
    "$loader" --library-path "$libraries:$libraries/systemd:/node/usr/lib/systemd" /node/usr/bin/systemd-run "$@"
}

: "${BREAKOUTD_SHA256:?release.env: not set}"
verify breakoutd.tar.gz "$BREAKOUTD_SHA256"
if [ -n "${SSM_AGENT_URL:-}" ]; then verify amazon-ssm-agent.rpm "$SSM_AGENT_SHA256"; fi
# Of a run that was interrupted.
rm -rf breakoutd output status
echo "$BREAKOUTD_SHA256" >digest
cp /scripts/node.sh /scripts/config.yaml .

# By the place that this folder has on the node. systemd 219 does not wait for what it runs.
systemd_run --unit "breakoutd-install-$POD_UID" --description "Installs what a pod has fetched" \
    /bin/sh "/var/lib/kubelet/pods/$POD_UID/volumes/kubernetes.io~empty-dir/release/node.sh"
waited=0
until [ -e status ]; do
    [ "$waited" -lt 600 ] || fail "it takes more than ten minutes"
    sleep 1
    waited=$((waited + 1))
done
cat output
exit "$(cat status)"
