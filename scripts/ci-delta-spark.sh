#!/bin/sh
# Brings the jars with which Spark 3.5 reads Delta tables, for the test in test/interop, by Maven (Debian: as root where it is
# missing). Spark itself: ci-python.sh spark-3.5.
#
#   ci-delta-spark.sh         installs them, unless they are there
#   ci-delta-spark.sh --jars  says where they are, divided by commas, or fails
set -eu
version=3.3.2
folder="${XDG_CACHE_HOME:-$HOME/.cache}/sluice-tests/delta-spark-$version"
spark="$folder/delta-spark_2.12-$version.jar"
storage="$folder/delta-storage-$version.jar"

if [ "${1:-}" = --jars ]; then
  [ -e "$spark" ] && [ -e "$storage" ] || exit 1
  echo "$spark,$storage"
  exit
fi

if [ -e "$spark" ] && [ -e "$storage" ]; then exit 0; fi
if ! command -v mvn >/dev/null 2>&1; then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends maven
fi
for name in "delta-spark_2.12" delta-storage; do
  mvn -q dependency:copy -Dartifact="io.delta:$name:$version" -DoutputDirectory="$folder"
done
