#!/usr/bin/env bash
# From nothing to annotated photos: installs what is needed, builds, takes a few photos and runs pose on them.
#   scripts/demo.sh [PHOTO_FOLDER [pose options ...]]
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install_packages.sh
cmake --preset release > /dev/null
cmake --build --preset release --target pose
pose=build/release/bin/pose
out=pose-out

photos=${1:-build/demo-photos}
shift || true
if [ ! -d "$photos" ]; then
  # Debian's darknet package carries a few well-known photos; it is unpacked, not installed.
  mkdir -p build/demo-package "$photos"
  (cd build/demo-package && apt-get download -q darknet > /dev/null && dpkg-deb -x darknet_*.deb .)
  find build/demo-package -name '*.jpg' -exec cp {} "$photos" \;
fi

# Weights of your own go behind the folder: scripts/demo.sh photos --pose_model hrnet-w32-256x192
models=("$@")
if [ ${#models[@]} -eq 0 ] && [ ! -f models/person-small.weights ] && [ -d ../shared/models ]; then
  models=(--det_cfg ../shared/models/detector/yolo-fastest-1.1-xl.cfg
          --det_weights ../shared/models/detector/yolo-fastest-1.1-xl.weights
          --det_rules darknet --conf 0.3 --nms 0.45
          --pose_model tinypose-256x192 --pose_weights ../shared/models/pose/tinypose_256x192.torchscript.pt)
fi

"$pose" --indir "$photos" --outdir "$out" --save_img "${models[@]}"
python3 - "$out/run.json" <<'PY'
import json, sys
for image in json.load(open(sys.argv[1]))["images"]:
    print(f"{image['name']}: {image['people']} people, {image['seconds']:.2f} s")
PY
echo "Annotated pictures: $out/vis   keypoints: $out/alphapose-results.json"
