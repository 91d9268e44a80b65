#!/bin/sh
# Installs the browser that looks at the alert card (Debian, as root), with a font.
set -eu
if command -v chromium >/dev/null 2>&1; then exit 0; fi
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium fonts-dejavu-core
