#!/usr/bin/env bash
# Compares a run with reference results of any form: same people on the same photos, every joint within a tolerance of
# pixels. Tells what differs, and leaves with 1 if anything does.
#   examples/regression_check.sh PHOTOS REFERENCE.json [TOLERANCE_PX [pose options ...]]
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: $0 PHOTOS REFERENCE.json [TOLERANCE_PX [pose options ...]]" >&2; exit 2; }
photos=$1 reference=$2 tolerance=${3:-0.1}
shift $(($# < 3 ? $# : 3))
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
pose --indir "$photos" --outdir "$out" --against "$reference" --tolerance_px "$tolerance" "$@"
