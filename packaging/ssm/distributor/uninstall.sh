#!/bin/sh
# Run by Systems Manager from the folder of the package. An upgrade is a removal, too, by default (installationType "Uninstall
# and reinstall"): what breakoutd knows is kept for a version that follows.
set -eu
if [ -e /usr/share/breakoutd/uninstall.sh ]; then /usr/share/breakoutd/uninstall.sh --keep-state; fi
