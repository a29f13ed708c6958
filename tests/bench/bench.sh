#!/bin/sh
# For `bazel run //tests/bench`, which has just built what is measured. The measurement is of the tree, not of Bazel's copies.
export PYTRACE_BIN="$PWD/dist/bin/pytrace"
cd "${BUILD_WORKING_DIRECTORY:?start it with bazel run}" || exit
python=/usr/bin/python3
[ -x $python ] || python=python3
exec $python "$BUILD_WORKSPACE_DIRECTORY/tests/bench/run.py" --bench "$@"
