#!/bin/sh
# Installs readers of Parquet in Python for the tests in test/interop: one virtual environment for each list of pinned
# packages named (readers, spark-3.5, spark-4), in the user's cache. Debian, as root where Python or Java is missing.
#
#   ci-python.sh readers                 installs it, unless it is there
#   ci-python.sh --interpreter readers   says where its interpreter is, or fails
set -eu
lists="$(cd "$(dirname "$0")/.." && pwd)/test/interop/readers"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/sluice-tests"

# Another list of versions is another environment. `ready` is written last.
environment() {
  echo "$cache/$1-$(sha256sum "$lists/$1.txt" | cut -c1-12)"
}

packages() {
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

install_environment() {
  folder=$(environment "$1")
  if [ -e "$folder/ready" ]; then return; fi
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --no-compile --disable-pip-version-check --requirement "$lists/$1.txt"
  touch "$folder/ready"
}

if [ "$1" = --interpreter ]; then
  folder=$(environment "$2")
  [ -e "$folder/ready" ] || exit 1
  echo "$folder/bin/python"
  exit
fi

python3 -c 'import ensurepip' 2>/dev/null || packages python3-venv
case "$*" in
*spark*) command -v java >/dev/null 2>&1 || packages openjdk-17-jre-headless ;;
esac
# Side by side: they wait for the network and for one core each.
waiting=""
for name in "$@"; do
  install_environment "$name" &
  waiting="$waiting $!"
done
for one in $waiting; do wait "$one"; done
