#!/bin/sh
# Comes first in the documents that need it.

# fetch URL SHA256 FILE: ends the script unless what comes is the right file; before the documents' own time is up.
fetch() {
    curl --fail --silent --show-error --location --proto '=http,https' --retry 3 --retry-max-time 180 --max-time 120 \
        --output "$3" "$1" || {
        echo "cannot fetch $1" >&2
        exit 1
    }
    echo "$2  $3" | sha256sum --check --status - || {
        echo "$1 does not have the SHA-256 digest $2: $(sha256sum <"$3")" >&2
        exit 1
    }
}

# sweep PATH: removes what a script that was killed has left at PATH.* an hour ago or more.
sweep() {
    for left in "$1".*; do
        changed=$(stat --format %Y "$left" 2>/dev/null) || continue
        [ $(($(date +%s) - changed)) -lt 3600 ] || rm -rf "$left"
    done
}
