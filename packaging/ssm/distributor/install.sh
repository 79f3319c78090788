#!/bin/sh
# Run by Systems Manager from the folder of the package; update.sh is the same.
set -eu
cd "$(dirname "$0")"
rm -rf release
mkdir release
tar --extract --gzip --file release.tar.gz --directory release --no-same-owner --strip-components 1
release/deploy.sh "$(sha256sum <release.tar.gz | cut -c 1-64)"
rm -rf release
