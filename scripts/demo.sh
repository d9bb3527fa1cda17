#!/usr/bin/env bash
# From nothing to annotated photos: installs what is needed, builds, takes a few photos and runs pose on them.
#   scripts/demo.sh [PHOTO_FOLDER [pose options ...]]
set -euo pipefail
photos=${1:+$(realpath "$1")}
shift || true
cd "$(dirname "$0")/.."

scripts/install_packages.sh
echo "building (some minutes the first time) ..."
cmake --preset release > build.log 2>&1 && cmake --build --preset release --target pose pose_cpu pose_torch >> build.log 2>&1 ||
  { tail -n 60 build.log; echo "the build failed"; exit 1; }
rm -f build.log
out=pose-out

# Debian's darknet package carries a few well-known photos; it is unpacked, not installed. Without a network our own
# examples have to do.
fetch_photos() {
  mkdir -p build/demo-package "$1"
  (cd build/demo-package && apt-get download -q darknet > /dev/null 2>&1 && dpkg-deb -x darknet_*.deb .) || true
  find build/demo-package examples/photos -name '*.jpg' ! -name '*_poses.jpg' -exec cp {} "$1" \;
}
if [ -z "$photos" ]; then
  photos=build/demo-photos
  [ -d "$photos" ] || fetch_photos "$photos"
fi

status=0
build/release/bin/pose --indir "$photos" --outdir "$out" --save_img "$@" || status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit "$status"
python3 - "$out/run.json" <<'PY'
import json, sys
for image in json.load(open(sys.argv[1]))["images"]:
    print(f"{image['name']}: " + (f"{image['people']} people" if image["status"] == "ok" else image["error"]["message"]))
PY
echo "Annotated pictures: $out/vis   keypoints: $out/alphapose-results.json"
exit "$status"
