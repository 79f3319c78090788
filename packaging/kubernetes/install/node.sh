#!/bin/sh
# Run by the node's systemd as root, outside of the pod: installs what the pod has fetched and verified.
set -eu
cd "$(dirname "$0")"
exec >output 2>&1

if [ -e amazon-ssm-agent.rpm ] && ! systemctl cat amazon-ssm-agent.service >/dev/null 2>&1; then
    rpm --install --quiet amazon-ssm-agent.rpm
    systemctl enable amazon-ssm-agent.service
    systemctl start amazon-ssm-agent.service
    echo "the SSM agent is installed"
fi
breakoutd/deploy.sh "$(cat digest)" "$PWD/config.yaml"
