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
