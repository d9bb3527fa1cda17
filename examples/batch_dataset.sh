#!/usr/bin/env bash
# Runs pose over every folder of a data set, one result folder each, and goes on where it was stopped:
#   examples/batch_dataset.sh DATASET RESULTS [pose options ...]
set -uo pipefail
[ $# -ge 2 ] || { echo "usage: $0 DATASET RESULTS [pose options ...]" >&2; exit 2; }
dataset=$1 results=$2
shift 2
failed=0
for folder in "$dataset"/*/; do
  name=$(basename "$folder")
  [ -f "$results/$name/run.json" ] && { echo "$name: done before"; continue; }
  pose --indir "$folder" --outdir "$results/$name" --quiet "$@"
  status=$?
  case $status in
    0) echo "$name: done" ;;
    3) echo "$name: some photos failed, see $results/$name/run.json" ;;
    130) echo "stopped" >&2; exit 130 ;;
    *) echo "$name: failed ($status)" >&2; failed=1 ;;
  esac
done
exit $failed
