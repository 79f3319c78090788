#!/bin/sh
# Run by Systems Manager from the folder of the package.
set -eu
if [ -e /usr/share/breakoutd/uninstall.sh ]; then /usr/share/breakoutd/uninstall.sh; fi
