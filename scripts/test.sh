#!/usr/bin/env bash
# Installs what is needed, builds and runs all tests; the last line counts them. Tests what users run; with CI set in the
# environment, the preset `dev`, where warnings are errors.
set -uo pipefail
cd "$(dirname "$0")/.."

scripts/install_packages.sh || exit 1
preset=${CI:+dev}
preset=${preset:-release}
cmake --preset "$preset" > build.log 2>&1 && cmake --build --preset "$preset" > build.log 2>&1
if [ $? -ne 0 ]; then
  tail -n 60 build.log
  echo "0 passed, 1 failed"
  exit 1
fi
rm -f build.log
reports=$PWD/build/$preset/test-reports
rm -rf "$reports" && mkdir -p "$reports"
ctest --test-dir "build/$preset" --output-on-failure --output-junit "$reports/ctest.xml"
python3 scripts/count_tests.py "$reports/ctest.xml" "$reports"
