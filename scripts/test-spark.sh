#!/bin/sh
# The tests of the Python package for Spark: real PySpark from PyPI, the twin over HTTP, the program of dist/. They come
# alone: a Spark fills a machine of two cores. Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."
node scripts/setup.mjs
sh scripts/ci-python.sh spark-4
python=$(sh scripts/ci-python.sh --interpreter spark-4)
cd spark
PYTHONPATH=src exec "$python" -m pytest -q --durations=5 "$@"
