#!/bin/sh
# Downloads what release.env names into /release. What it is worth install.sh finds out, which this cannot change any more.
set -eu

# fetch NAME URL
fetch() {
    echo "fetching $2"
    curl --fail --silent --show-error --location --proto '=http,https' --retry 5 --max-time 300 --output "/release/$1" "$2"
}

: "${BREAKOUTD_URL:?release.env: not set}"
fetch breakoutd.tar.gz "$BREAKOUTD_URL"
if [ -n "${SSM_AGENT_URL:-}" ]; then fetch amazon-ssm-agent.rpm "$SSM_AGENT_URL"; fi
