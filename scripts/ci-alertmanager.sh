#!/bin/sh
# Installs the Alertmanager that its scenario starts privately (Debian, as root). No service of the system's is used.
set -eu
if command -v prometheus-alertmanager >/dev/null 2>&1; then exit 0; fi
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends prometheus-alertmanager
