#!/bin/sh
# Installs the bot SDKs that tests and benchmarks talk to, in a folder of their own: they are large, and nothing of them is
# ever part of the package.
#
#   ci-bots.sh           installs them, unless they are there
#   ci-bots.sh --folder  says where they are, or fails
set -eu
list="$(cd "$(dirname "$0")/.." && pwd)/test/interop/bots/package.json"
# Another list of versions is another folder. `ready` is written last.
folder="${XDG_CACHE_HOME:-$HOME/.cache}/sluice-tests/bots-$(sha256sum "$list" | cut -c1-12)"

if [ "${1:-}" = --folder ]; then
  [ -e "$folder/ready" ] || exit 1
  echo "$folder"
  exit
fi

if [ -e "$folder/ready" ]; then exit 0; fi
rm -rf "$folder"
mkdir -p "$folder"
cp "$list" "$folder/package.json"
npm install --prefix "$folder" --no-audit --no-fund --loglevel=error
touch "$folder/ready"
