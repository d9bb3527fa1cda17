#!/usr/bin/env bash
# Compares a run with reference JSON: same people on the same photos, every joint within a tolerance of pixels.
#   examples/regression_check.sh PHOTOS REFERENCE.json [TOLERANCE_PX [pose options ...]]
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: $0 PHOTOS REFERENCE.json [TOLERANCE_PX [pose options ...]]" >&2; exit 2; }
photos=$1 reference=$2 tolerance=${3:-0.1}
shift $(($# < 3 ? $# : 3))
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
pose --indir "$photos" --outdir "$out" --quiet "$@"
python3 - "$reference" "$out/alphapose-results.json" "$tolerance" <<'PY'
import json, sys
expected, found = (json.load(open(path)) for path in sys.argv[1:3])
tolerance = float(sys.argv[3])
names = [[person["image_id"] for person in people] for people in (expected, found)]
if names[0] != names[1]:
    sys.exit(f"people differ: {len(names[0])} expected, {len(names[1])} found")
worst = max((abs(a - b) for e, f in zip(expected, found)
             for i, (a, b) in enumerate(zip(e["keypoints"], f["keypoints"])) if i % 3 != 2), default=0)
print(f"{len(found)} people, largest difference {worst:.4f} px")
sys.exit(worst > tolerance)
PY
