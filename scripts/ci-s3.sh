#!/bin/sh
# Builds the S3 server that the tests of lakes in S3 start privately: gofakes3, which looks and writes under one lock where
# an object is to be created only if none is there. Needs Go 1.21 or newer (Debian: as root where it is missing).
#
#   ci-s3.sh            installs it, unless it is there
#   ci-s3.sh --program  says where it is, or fails
set -eu
version=v1.2.0
folder="${XDG_CACHE_HOME:-$HOME/.cache}/sluice-tests/gofakes3-$version"

if [ "${1:-}" = --program ]; then
  [ -x "$folder/gofakes3" ] || exit 1
  echo "$folder/gofakes3"
  exit
fi

if [ -x "$folder/gofakes3" ]; then exit 0; fi
if ! command -v go >/dev/null 2>&1; then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends golang-go ca-certificates
fi
GOFLAGS=-mod=mod GOBIN="$folder" go install "github.com/johannesboyne/gofakes3/cmd/gofakes3@$version"
