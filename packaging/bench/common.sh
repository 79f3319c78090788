# shellcheck shell=bash
# Shared by the bench scripts: where things are, how they speak. Sourced, never run.

bench_scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
repository=$(cd "$bench_scripts/../.." && pwd -P)
export BREAKOUTD_BENCH=${BREAKOUTD_BENCH:-$repository/.bench}

# Standard output belongs to results; everything else goes to standard error.
note() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { note "$*"; exit 1; }
# The comment block at the top of a script is its help text.
usage() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

require_root() { [[ $(id -u) == 0 ]] || die "needs root"; }

# --- what a machine needs to have ------------------------------------------------------------------------

require_swift() {
    local needed=6.1 found
    command -v swift >/dev/null || die "no swift on the PATH; breakoutd needs Swift $needed or later (swift.org/install)"
    found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
    [[ $(printf '%s\n' "$needed" "${found:-0}" | sort -V | head -n 1) == "$needed" ]] ||
        die "found Swift ${found:-of an unknown version}; breakoutd needs $needed or later"
}

# --- Debian packages -----------------------------------------------------------------------------------------

# install_missing: reads lines "PROGRAM PACKAGE" and installs the packages whose program is missing. A program is a
# name, a path (a pattern), or static-busybox. What counts is the program: a machine that has its containerd from
# elsewhere keeps that one.
install_missing() {
    local -a missing
    mapfile -t missing < <(missing_packages | sort -u)
    [[ ${#missing[@]} -gt 0 ]] || return 0
    command -v apt-get >/dev/null || die "missing, and this is no Debian to install them on: ${missing[*]}"
    require_root
    note "installing ${missing[*]}"
    without_services apt_install "${missing[@]}"
    if [[ -d /run/systemd/system && " ${missing[*]} " == *" containerd "* ]]; then
        systemctl disable --quiet containerd.service || true
    fi
}

missing_packages() {
    local program package
    while read -r program package; do
        case $program in
            static-busybox) is_static_busybox || echo "$package" ;;
            /*) compgen -G "$program" >/dev/null || echo "$package" ;;
            *) command -v "$program" >/dev/null || echo "$package" ;;
        esac
    done
}

is_static_busybox() {
    local busybox
    busybox=$(command -v busybox) && ! ldd "$busybox" >/dev/null 2>&1
}

# without_services COMMAND ...: no service of a package starts on the machine that only wants its programs.
without_services() {
    local policy=/usr/sbin/policy-rc.d status=0
    if [[ -e $policy ]]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    "$@" || status=$?
    rm -f "$policy"
    return "$status"
}

apt_install() {
    local log
    log=$(mktemp)
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"; } \
        </dev/null >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        die "apt-get cannot install $*"
    fi
    rm -f "$log"
}
