#!/usr/bin/env bash
# The shards as jobs of GNU parallel on this machine, then the merge:
#   PHOTOS=/data/photos RESULTS=/data/results SHARDS=64 examples/cluster/parallel.sh [pose options ...]
# Called again, it does only the shards that failed. For photos that came since, remove RESULTS/joblog first.
set -euo pipefail
export PHOTOS=${PHOTOS:-photos} RESULTS=${RESULTS:-results} SHARDS=${SHARDS:-8}
WORKERS=${WORKERS:-$(nproc)}

shard() {  # NUMBER [pose options ...]; 3: some photos cannot be read, trying again does not help
  pose --indir "$PHOTOS" --shard "$1/$SHARDS" --outdir "$RESULTS/part$1" --resume --quiet --threads 1 "${@:2}" ||
    [ $? -eq 3 ]
}
export -f shard

mkdir -p "$RESULTS"
seq "$SHARDS" | SHELL=$BASH parallel --jobs "$WORKERS" --joblog "$RESULTS/joblog" --resume-failed -q shard {} "$@"
pose merge "$RESULTS" "$RESULTS"/part*
