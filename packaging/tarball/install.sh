#!/bin/sh
# Installs breakoutd on this node, or puts this version in the place of another one: what the RPM does, without rpm. Run as
# root. The service is not started, but restarted where it runs; whether it is enabled is for the presets of the node
# (systemd.preset(5)).
#
#   install.sh [CONFIGURATION]    an absolute path
#
# Without one a configuration that is there stays; the default one is put beside it as config.yaml.new where it has changed.
set -eu
umask 022
cd "$(dirname "$0")"
given=${1:-}
share=/usr/share/breakoutd
configuration=/etc/breakoutd/config.yaml

fail() { echo "install.sh: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "needs root"
# shellcheck source=packaging/tarball/common.sh
. ./common.sh
! rpm --quiet -q breakoutd 2>/dev/null || fail "breakoutd is installed as an RPM: upgrade that, or remove it first"
version=$(systemctl --version | awk 'NR == 1 { print $2 }')
case $version in
    '' | *[!0-9]*) fail "needs systemd" ;;
esac
# Before anything is changed: on another architecture, or without a library that it needs, it would only be started again and
# again.
files/usr/sbin/breakoutd --version >/dev/null || fail "the program does not run on this node ($(uname -m)): nothing was changed"
# No version knows the settings of all others, and one that refuses them watches nothing.
wanted=${given:-$configuration}
if [ -e "$wanted" ] && ! files/usr/sbin/breakoutd check-config "$wanted" >/dev/null; then
    fail "this version refuses the configuration: nothing was changed"
fi

# put FILE PLACE: as a whole or not at all; a program that runs keeps its old file.
put() {
    mkdir -p "$(dirname "$2")"
    cp "$1" "$2.installing"
    chown root:root "$2.installing"
    mv -f "$2.installing" "$2"
}

# below FOLDER: the paths on the node of what is there to be installed.
below() {
    for entry in "$1"/*; do
        if [ -d "$entry" ]; then below "$entry"; else echo "${entry#files}"; fi
    done
}

# files: the paths of everything that is installed, but for the configuration.
files() {
    below files | grep -vxF "$configuration" | sort
    if [ "$version" -lt 239 ]; then drop_in=219; else drop_in=239; fi
    echo "/usr/lib/systemd/system/breakoutd.service.d/10-systemd-$drop_in.conf"
}

first=no
[ -e "$share/files" ] || first=yes
# As it is now: it comes back where the service does not start with what is new.
before=$(mktemp)
trap 'rm -f "$before"; unlock' EXIT
trap 'exit 1' HUP INT TERM
if [ "$first" = no ]; then
    tar -cPf "$before" --ignore-failed-read "$share" "$configuration"* -T "$share/files"
fi
mkdir -p "$share" /etc/breakoutd /var/lib/breakoutd /var/log/breakoutd
chmod 700 /var/lib/breakoutd /var/log/breakoutd
# First the list, so that a break in between leaves nothing that uninstall.sh does not know.
files >"$share/files.installing"
if [ "$first" = no ]; then cat "$share/files" >>"$share/files.installing"; fi
mv "$share/files.installing" "$share/files"

files | while read -r path; do
    case $path in
        *.service.d/*) put "drop-ins/${path##*/}" "$path" ;;
        *) put "files$path" "$path" ;;
    esac
done
put common.sh "$share/common.sh"
put uninstall.sh "$share/uninstall.sh"
if [ -n "$given" ]; then
    put "$given" "$configuration"
elif [ ! -e "$configuration" ]; then
    put "files$configuration" "$configuration"
elif ! same "files$configuration" "$configuration" && ! same "files$configuration" "$share/config.yaml"; then
    put "files$configuration" "$configuration.new"
fi
put "files$configuration" "$share/config.yaml"

# What the version before had and this one has not.
files >"$share/files.installing"
sort -u "$share/files" | while read -r path; do
    grep -qxF "$path" "$share/files.installing" || rm -f "$path"
done
mv "$share/files.installing" "$share/files"

# reloaded: the catalog and the units are those of the files.
reloaded() {
    journalctl --update-catalog >/dev/null 2>&1 || true
    if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
}

reloaded
if [ "$first" = yes ]; then
    systemctl --no-reload preset breakoutd.service breakoutd-alert.service >/dev/null 2>&1 || true
elif [ -d /run/systemd/system ] && ! systemctl try-restart breakoutd.service breakoutd-alert.service; then
    files | while read -r path; do rm -f "$path"; done
    rm -f "$configuration.new"
    tar -xPf "$before"
    reloaded
    systemctl try-restart breakoutd.service breakoutd-alert.service || true
    fail "the service does not start with this version (journalctl -u breakoutd): everything is as before"
fi
