#!/bin/sh
# Installs the PostgreSQL server that the outbox tests start privately (Debian, as root). No cluster of the system's is used.
set -eu
if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then exit 0; fi
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postgresql
