#!/bin/sh
# Comes first in the documents that need it.

# fetch URL SHA256 FILE: ends the script unless what comes is the right file.
fetch() {
    curl --fail --silent --show-error --location --proto '=http,https' --retry 3 --max-time 240 --output "$3" "$1" || {
        echo "cannot fetch $1" >&2
        exit 1
    }
    echo "$2  $3" | sha256sum --check --status - || {
        echo "$1 does not have the SHA-256 digest $2: $(sha256sum <"$3")" >&2
        exit 1
    }
}
