# shellcheck shell=bash
# The part of test-release about the scripts of the tarball, without a node: what they refuse, undo and wait for. Sourced by
# test-release after the rest, never run.
# shellcheck disable=SC2154

# --- a machine without systemd -------------------------------------------------------------------------------

# machine_up: this machine's files, to be changed at will, with a stand-in for systemctl: /run/service is there where the
# service was started, and empty if it did not start; otherwise it has the configuration.
machine_up() {
    mkdir "$work/layers"
    mount -t tmpfs tmpfs "$work/layers"
    mkdir "$work/layers"/{upper,work,root}
    mount -t overlay -o "lowerdir=/,upperdir=$work/layers/upper,workdir=$work/layers/work" overlay "$work/layers/root"
    mount --bind /proc "$work/layers/root/proc"
    machine mkdir -p /run/systemd/system /usr/local/bin /usr/share/licenses
    machine sh -c 'cat >/usr/local/bin/systemctl && chmod 755 /usr/local/bin/systemctl' <<'S'
#!/bin/sh
case $*" "$(ls /run/service 2>/dev/null) in
    --version*) echo "systemd $(cat /run/systemd/version 2>/dev/null || echo 252)" ;;
    start*breakoutd.service* | try-restart*/run/service)
        : >/run/service
        breakoutd check-config >/dev/null && cp /etc/breakoutd/config.yaml /run/service ;;
    stop*) rm -f /run/service ;;
esac
S
    # Findutils and diffutils are not on every node.
    machine rm /usr/bin/find /usr/bin/xargs /usr/bin/cmp
    tar -C "$work" -cf - unpacked | machine tar -C /root -xf -
}

machine() { chroot "$work/layers/root" env PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"; }

machine_down() {
    [[ -d $work/layers ]] || return 0
    umount --recursive --lazy "$work/layers" || true
    rmdir "$work/layers"
}

# The scripts of the tarball, where they must not do everything that they are told.
part_scripts() {
    local deploy=/root/unpacked/deploy.sh digest=1 package lock=/run/breakoutd-install.lock root=$work/layers/root
    unpacked
    machine_up
    attempt() { status=0; machine "$@" >"$work/output" 2>"$work/errors" || status=$?; }
    configured() { machine sh -c "cat >/root/config.yaml" <<<"$1"; }
    state() {
        (cd "$root" && find {usr/sbin,etc,run,usr/share}/breakoutd* usr/lib/systemd run/service -type f -exec sha256sum {} + 2>/dev/null |
            sort -k 2) || true
    }
    # refused SCRIPTS ERRORS COMMAND...: those scripts refuse each command with these errors, and change nothing.
    refused() {
        local command
        state >"$work/before"
        for command in "${@:3}"; do
            # shellcheck disable=SC2086
            attempt "/root/$1/"$command
            # But for what the shell says of a program that it cannot run.
            equal "$status $(grep -v 'Exec format error' "$work/errors")" "1 $2"
            state >"$work/after"
            diff "$work/before" "$work/after"
        done
    }

    # Of another architecture: the beginning of a program for aarch64.
    cp -a "$work/unpacked" "$root/root/foreign"
    printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\267\0' >"$root/root/foreign/files/usr/sbin/breakoutd"
    refused foreign "install.sh: the program does not run on this node ($(uname -m)): nothing was changed" \
        "deploy.sh 9" install.sh

    # The drop-in for the node's systemd, and none for another one.
    for attempted in "219 219" "231 219" "238 219" "239 239" "252 239" "257 239" "230 219"; do
        machine sh -c "echo '${attempted% *} (fc28)' >/run/systemd/version"
        machine /root/unpacked/install.sh
        equal "$(machine ls /usr/lib/systemd/system/breakoutd.service.d)" "10-systemd-${attempted#* }.conf"
    done
    machine rm /run/systemd/version
    machine /usr/share/breakoutd/uninstall.sh

    # A setting that counts from a start on.
    configured 'clusterName: one'
    machine "$deploy" "$digest" /root/config.yaml
    equal "$(machine cat /run/service)" "clusterName: one"
    configured 'clusterName: two'
    machine "$deploy" "$digest" /root/config.yaml
    equal "$(machine cat /run/service)" "clusterName: two"

    # An older release, which does not know a setting of the node's configuration: everything stays, and goes on.
    cp -a "$work/unpacked" "$root/root/older"
    cat >"$root/root/older/files/usr/sbin/breakoutd" <<'S'
#!/bin/sh
[ "$1" != --version ] || echo 0.0.1
[ "$1" != check-config ] || ! grep -q nodeMetrics "${2:-/etc/breakoutd/config.yaml}" || { echo "no such setting" >&2; exit 2; }
S
    configured 'nodeMetrics: false'
    machine "$deploy" "$digest" /root/config.yaml
    refused older $'no such setting\ninstall.sh: this version refuses the configuration: nothing was changed' \
        "deploy.sh 2" install.sh
    # With one that it takes.
    configured 'clusterName: old'
    machine /root/older/deploy.sh 2 /root/config.yaml
    equal "$(machine breakoutd --version) $(machine cat /run/service)" "0.0.1 clusterName: old"

    # One that takes it and ends all the same: what was there before is there again, and runs.
    machine cp -a /root/older /root/broken
    machine sh -c 'cat >/root/broken/files/usr/sbin/breakoutd; echo >/root/broken/files/usr/share/breakoutd/schema/gone.json
        echo "# new" >>/root/broken/files/etc/breakoutd/config.yaml' <<'S'
#!/bin/sh
[ "$1" != check-config ] || [ -n "${2:-}" ]
S
    configured 'clusterName: broken'
    refused broken "install.sh: the service does not start with this version (journalctl -u breakoutd): everything is as before" \
        "deploy.sh 3" "deploy.sh 3 /root/config.yaml" install.sh

    # One at a time, and whoever is not root cannot be in the way.
    # shellcheck disable=SC2016
    coproc machine flock "$lock" sh -c 'echo held; read -r _; rm "$0"' "$lock"
    read -r _ <&"${COPROC[0]}"
    attempt timeout 1 "$deploy" "$digest"
    equal "$status $(<"$work/errors")" "124 deploy.sh: waits for another installation or removal"
    attempt timeout 1 /usr/share/breakoutd/uninstall.sh
    equal "$status $(<"$work/errors")" "124 uninstall.sh: waits for another installation or removal"
    equal "$(machine breakoutd --version)" 0.0.1
    # shellcheck disable=SC2016
    machine sh -c '. /root/unpacked/common.sh; stat --format "%a %u" "$lock"; flock -n "$lock" true || echo held' \
        >"$work/output" 2>"$work/errors" &
    until grep -q waits "$work/errors"; do sleep .05; done
    echo >&"${COPROC[1]}"
    wait $!
    # Not the one that went with whom it waited for.
    equal "$(xargs <"$work/output")" "600 0 held"
    machine "$deploy" "$digest"
    equal "$(machine breakoutd --version)" "$version"
    check "! -e $root$lock"

    # Each way of installation refuses what the other one has installed.
    package=$(rpm_of amzn2)
    machine sh -c "cat >/root/breakoutd.rpm" <"$package"
    attempt rpm --force-debian --nodeps --upgrade /root/breakoutd.rpm
    check "$status != 0"
    grep -q 'breakoutd is installed from its tarball: remove that first' "$work/errors"
    attempt rpm --query breakoutd
    check "$status != 0"
    cmp "$root"/{root/unpacked/files/,}usr/sbin/breakoutd
    equal "$(machine cat /run/service)" "clusterName: old"
    machine test -s /usr/share/doc/breakoutd/Fleet.md
    machine /usr/share/breakoutd/uninstall.sh
    check "! -e $root/usr/share/doc/breakoutd"
    machine rpm --force-debian --nodeps --upgrade /root/breakoutd.rpm
    attempt "$deploy" "$digest"
    equal "$status $(<"$work/errors")" "1 install.sh: breakoutd is installed as an RPM: upgrade that, or remove it first"
    machine rpm --verify --nodeps --noconfig breakoutd

    # An RPM cannot ask first; but it ends nothing that would not start again.
    machine systemctl start breakoutd.service
    configured 'clusterName: ['
    machine cp /root/config.yaml /etc/breakoutd/config.yaml
    next_rpm amzn2
    machine sh -c "cat >/root/breakoutd.rpm" <"$work/next.rpm"
    machine rpm --force-debian --nodeps --upgrade /root/breakoutd.rpm 2>"$work/errors"
    grep -q 'breakoutd: this version refuses the configuration' "$work/errors"
    equal "$(machine cat /run/service)" "clusterName: old"
    machine_down
}
