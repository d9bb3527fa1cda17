#!/usr/bin/env bash
# install_test.sh BUILD_FOLDER COMPILER
set -euo pipefail
build=$1 compiler=$2
source=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $1"; exit 1; }

cmake --install "$build" --prefix "$work/first" > /dev/null
mv "$work/first" "$work/moved"
prefix=$work/moved
pose=$prefix/bin/pose

cd "$work"
"$pose" --version | grep -q '^pose [0-9]' || fail "the program starts"
"$pose" models > models.txt
grep -q '^hrnet-w32-256x192 ' models.txt || fail "the installed cards are found"

[ -s "$prefix/share/pose/schema/results.schema.json" ] || fail "the schemas are installed"

# Every completion offers every option, and the man page describes it.
"$pose" --help > help.txt
options=$(grep -oE -- '--[a-z][a-z0-9_]*' help.txt | sort -u | wc -l)
[ "$options" -gt 40 ] || fail "the help lists the options"
offered=$(PATH=$prefix/bin:$PATH bash -c "source '$prefix/share/bash-completion/completions/pose'
  COMP_WORDS=(pose --) COMP_CWORD=1; _pose; printf '%s\n' \"\${COMPREPLY[@]}\"" | sort -u | wc -l)
[ "$offered" -eq "$options" ] || fail "bash completes $offered of $options options"
for page in man/man1/pose.1 zsh/site-functions/_pose fish/vendor_completions.d/pose.fish; do
  sed 's/\\-/-/g; s/ -l / --/' "$prefix/share/$page" > page.txt
  for option in $(grep -oE -- '--[a-z][a-z0-9_]*' help.txt | sort -u); do
    grep -qE -- "$option([^a-z0-9_]|\$)" page.txt || fail "$page lacks $option"
  done
done

cmake -S "$source/examples/consume_with_cmake" -B consumer -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler" > configure.txt 2>&1 ||
  { cat configure.txt; fail "find_package(pose)"; }
cmake --build consumer > build.txt 2>&1 || { cat build.txt; fail "a consumer builds"; }
status=0
consumer/estimate_one_image nowhere.jpg yolov3-spp fastpose-se101-duc > said.txt 2>&1 || status=$?
[ $status -eq 1 ] && grep -q 'yolov3-spp.weights' said.txt || { cat said.txt; fail "the consumer says which weights are missing"; }
echo "installed, moved and used"
