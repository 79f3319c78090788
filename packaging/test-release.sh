# shellcheck shell=bash
# What the parts of test-release use. Sourced, never run.
# shellcheck source=packaging/bench/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/bench/common.sh"

dist=$repository/dist
version=$("$dist/breakoutd" --version)
tarball=$dist/breakoutd-$version-$(uname -m).tar.gz
work=$(mktemp -d)
directory=""
server=""
api=""

clean_up() {
    local status=$?
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    [[ -z $api ]] || kill "$api" 2>/dev/null || true
    if [[ -n $directory ]]; then
        [[ $status == 0 ]] || node journalctl --no-pager --lines 20 --unit breakoutd >&2 || true
        "$bench_scripts/systemd-node" down "$directory"
    fi
    umount "$BREAKOUTD_BENCH/bullseye/proc" 2>/dev/null || true
    machine_down
    [[ $status == 0 || ! -e $work/errors ]] || cat "$work/errors" >&2
    rm -rf "$work"
    [[ $status == 0 ]] || note "failed, near line ${BASH_LINENO[0]}"
}
trap clean_up EXIT

# check CONDITION: one of [[ ]].
check() { eval "[[ $1 ]]" || die "line ${BASH_LINENO[0]}: not so: $1"; }
# equal FOUND EXPECTED
equal() { [[ $1 == "$2" ]] || die "line ${BASH_LINENO[0]}: found: $1"$'\n'"expected: $2"; }

# --- packages ------------------------------------------------------------------------------------------------

rpm_of() { echo "$dist/breakoutd-$version-1.$1.$(uname -m).rpm"; }

expected_files() {
    local systemd=239
    [[ $1 != amzn2 ]] || systemd=219
    cat <<L
/etc/breakoutd
/etc/breakoutd/config.yaml
/usr/lib/systemd/catalog/breakoutd.catalog
/usr/lib/systemd/system/breakoutd-alert.service
/usr/lib/systemd/system/breakoutd.service
/usr/lib/systemd/system/breakoutd.service.d
/usr/lib/systemd/system/breakoutd.service.d/10-systemd-$systemd.conf
/usr/sbin/breakoutd
/var/lib/breakoutd
/var/log/breakoutd
L
}

# whole_guide FOLDER: whatever a page links to is there.
whole_guide() {
    local name
    check "$(cat "$1"/*.md | wc --bytes) -le 200000"
    for name in Fleet ThreatModel Upgrading; do check "-s $1/$name.md"; done
    while read -r name; do check "-s $1/$name"; done < <(grep -ohE '\]\([^):]+\.md\)' "$1"/*.md | tr -d '()]')
    if grep -F '<doc:' "$1"/*.md; then die "that is for DocC alone"; fi
}

unpacked() {
    [[ -d $work/unpacked ]] || { mkdir "$work/unpacked" && tar -xzf "$tarball" -C "$work/unpacked" --strip-components 1; }
}

# next_rpm TAG: makes $work/next.rpm, of a later version with another default configuration.
next_rpm() {
    local systemd=239
    [[ $1 != amzn2 ]] || systemd=219
    unpacked
    rm -rf "$work/next"
    cp -a "$work/unpacked/files" "$work/next"
    echo '# next' >>"$work/next/etc/breakoutd/config.yaml"
    rpmbuild --quiet -bb --define "_topdir $work/rpm" --define "_rpmdir $work" --define '_rpmfilename next.rpm' \
        --define "dist .$1" --define "release_of $version.1" --define "tree $work/next" \
        --define "drop_in $repository/systemd/breakoutd.service.d/10-systemd-$systemd.conf" \
        "$repository/packaging/rpm/breakoutd.spec"
}

# next_tarball: makes a release with one file more beside the others, where they are served; prints its path.
next_tarball() {
    unpacked
    mkdir -p "$work/served"
    cp -a "$work/unpacked" "$work/later"
    echo '{}' >"$work/later/files/usr/share/breakoutd/schema/gone.json"
    tar -C "$work" -czf "$work/served/later.tar.gz" later
    echo "$work/served/later.tar.gz"
}

# next_package FOLDER: makes a Distributor package of that release there, of one that is unpacked in $work/package.
next_package() {
    cp -a "$work/package" "$1"
    cp "$(next_tarball)" "$1/release.tar.gz"
}

# broken_tarball: makes a release whose service ends at once, where they are served; prints its name.
broken_tarball() {
    unpacked
    mkdir -p "$work/served"
    cp -a "$work/unpacked" "$work/broken"
    cat >"$work/broken/files/usr/sbin/breakoutd" <<'S'
#!/bin/sh
[ "$1" != run ]
S
    tar -C "$work" -czf "$work/served/broken.tar.gz" broken
    echo broken.tar.gz
}

# tree_of ROOT: what is in it; logs and the database of rpm are left out.
tree_of() {
    find "$1" -path "$1/var/log" -prune -o -path "$1/var/lib/rpm" -prune -o -printf '/%P\n' | sort
}

# --- the node ------------------------------------------------------------------------------------------------

node_up() {
    directory=/tmp/breakoutd-release-$$
    "$bench_scripts/systemd-node" up "$directory" v2 >/dev/null
    # What the image has not: Amazon Linux has both. They are this machine's, of the same Debian.
    {
        echo /usr/lib/rpm
        for program in "$(command -v curl)" "$(command -v rpm)"; do
            echo "$program"
            ldd "$program" | grep -oE '/[^ ]+'
        done
    } | sort -u | tar --dereference -cPf - -T - | node tar --skip-old-files -xPf -
    node ldconfig
    # Every node has these; the image has no documentation.
    node mkdir -p /usr/share/doc /usr/share/licenses
}

node_down() {
    [[ -z $server ]] || kill "$server"
    server=""
    "$bench_scripts/systemd-node" down "$directory"
    directory=""
}

node() { "$bench_scripts/systemd-node" in "$directory" "$@"; }

# network_of PID: of a process of the node, as this machine has it.
network_of() { echo "/proc/$(<"$directory/pid")/root/proc/$1/ns/net"; }

# serve: the release by http.
serve() {
    mkdir -p "$work/served"
    cp "$tarball" "$work/served"
    nsenter --net="$(network_of 1)" -- python3 -m http.server --bind 127.0.0.1 --directory "$work/served" 8321 >/dev/null 2>&1 &
    server=$!
    node curl --silent --retry 50 --retry-connrefused --retry-delay 1 http://127.0.0.1:8321 >/dev/null
}

# script NAME PARAMETER VALUE ...: prints what Systems Manager runs on the node.
script() {
    local file=$dist/ssm/$1.json script name value
    shift
    script=$(jq -r '.mainSteps[0].inputs.runCommand[]' "$file")
    while (($# > 0)); do
        jq -e --arg name "$1" --arg value "$2" '.parameters[$name] | (.allowedPattern // ".*") as $pattern
            | ($value | test($pattern)) and ((.allowedValues // [$value]) | index($value) != null)' "$file" >/dev/null ||
            die "$file does not allow $1=$2"
        script=${script//"{{ $1 }}"/$2}
        shift 2
    done
    while IFS=$'\t' read -r name value; do
        script=${script//"{{ $name }}"/$value}
    done < <(jq -r '.parameters // {} | to_entries[] | select(.value.default) | [.key, .value.default] | @tsv' "$file")
    [[ $script != *"{{"* ]] || die "$file: a parameter has no value"
    printf '%s\n' "$script"
}

# document NAME PARAMETER VALUE ...: runs its script on the node; sets $status and $milliseconds, and leaves what it says in
# $work/output and $work/errors.
document() {
    local script started
    script=$(script "$@")
    started=${EPOCHREALTIME/./}
    status=0
    node sh -c "$script" >"$work/output" 2>"$work/errors" || status=$?
    # shellcheck disable=SC2034
    milliseconds=$(((${EPOCHREALTIME/./} - started) / 1000))
}

# killed NAME PARAMETER VALUE ...: runs its script with the Url of a server that never answers, and ends it, with what it has
# started, by SIGKILL while it downloads.
killed() {
    local script silent
    script=$(script "$@" Url http://127.0.0.1:8322)
    nsenter --net="$(network_of 1)" -- python3 -c 'import socket, time
server = socket.create_server(("127.0.0.1", 8322))
time.sleep(300)' &
    silent=$!
    for _ in {1..100}; do
        # Not refused any more, but out of time.
        [[ $(node curl --silent --max-time .1 http://127.0.0.1:8322 || echo $?) != 28 ]] || break
    done
    node sh -c "echo \$\$ >/run/script.pid; $script" &
    for _ in {1..300}; do
        # shellcheck disable=SC2016
        if node sh -c 'curl=$(pgrep -P $(cat /run/script.pid) curl) && kill -KILL $curl $(cat /run/script.pid)' 2>/dev/null; then break; fi
        sleep .05
    done
    wait $! || equal $? 137
    kill "$silent"
    node rm /run/script.pid
}

# evil_pod NAME: a pod with a process in the node's namespaces.
evil_pod() {
    node pod -s /run/containerd/containerd.sock run "$1" --host-pid --privileged -- \
        nsenter --mount=/proc/1/ns/mnt -- /bin/sleep 1d >"$work/pod-$1"
}

# await_told NAME: the pod's escape is in the journal, once; at the latest after the next full scan.
await_told() {
    local uid count=0
    uid=$(jq -r .uid "$work/pod-$1")
    for _ in {1..300}; do
        node journalctl --sync
        count=$(node journalctl -t breakoutd -o json | jq -r --arg uid "$uid" 'select(.BREAKOUTD_POD_UID == $uid
            and .BREAKOUTD_TECHNIQUE == "entered-host-mount-namespace" and .BREAKOUTD_EVENT == "raised") | .BREAKOUTD_PID' | wc --lines)
        [[ $count == 0 ]] || break
        sleep .1
    done
    equal "$1: $count" "$1: 1"
}

# under_load COMMAND ...: runs it while pods break out, each of which has to be told of.
under_load() {
    local load pod
    (for pod in {1..12}; do evil_pod "load-$pod"; done) &
    load=$!
    "$@"
    wait "$load"
    for pod in {1..12}; do await_told "load-$pod"; done
}

# node_tree: every file of the node that somebody may have left there, with its size and digest.
node_tree() {
    node sh -c 'find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/log \
        -o -path /var/lib/containerd -o -path /var/lib/cni -o -path /var/lib/systemd -o -path /root/.rpmdb -o -path /var/lib/rpm \
        -o -path /opt/bench \) -prune -o -type f -exec sha256sum {} + -o -printf "%y %m %U %p %l\n" | sort -k 2'
}

# whole_tree: also what the runtime and systemd have; the journal and the databases of both are left out.
whole_tree() {
    node sh -c 'find / /run /tmp -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /var/log/journal \
        -o -path /run/log/journal -o -name "*.db" -o -path "*/netns/cni-*" \) -prune -o -type f -exec sha256sum {} + -o -printf "%y %m %U %p %l\n" |
        sort -k 2'
}

# nothing_left: after an uninstallation; a configuration that nobody changed goes as well.
nothing_left() {
    node_tree >"$work/after"
    diff "$work/before" "$work/after" || die "this is left"
    equal "$(node systemctl list-unit-files --no-legend 'breakoutd*')" ""
    equal "$(node journalctl --list-catalog | grep -c breakoutd || true)" 0
    # node_tree has not the files of a running system.
    equal "$(node sh -c 'ls -d /run/breakoutd* 2>/dev/null || true')" ""
}
