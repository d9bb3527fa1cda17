"""Whether the C++ program and this Python code agree: the same photos, boxes and weights, every joint compared."""
from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile

import numpy as np

from evaluate import load_model, predict


def run_pose(program: str, card: str, data: dict, people: list[dict], photos: str) -> dict[str, list[np.ndarray]]:
    """Joints [17, 3] by photo, from the program with the labelled boxes."""
    names = {i["id"]: i["file_name"] for i in data["images"]}
    with tempfile.TemporaryDirectory() as folder:
        boxes = [dict(image_id=names[a["image_id"]], bbox=a["bbox"], score=1.0, category_id=1) for a in people]
        json.dump(boxes, open(f"{folder}/boxes.json", "w"))
        open(f"{folder}/list", "w").write("\n".join(sorted({b["image_id"] for b in boxes})))
        subprocess.run([program, "--indir", photos, "--list", f"{folder}/list", "--detfile", f"{folder}/boxes.json",
                        "--pose_model", card, "--pose_nms", "none", "--flip", "shift", "--outdir", f"{folder}/out", "--quiet"],
                       check=True)
        found: dict[str, list[np.ndarray]] = {}
        for person in json.load(open(f"{folder}/out/alphapose-results.json")):
            found.setdefault(person["image_id"], []).append(np.array(person["keypoints"]).reshape(17, 3))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--card", default=os.path.join(os.path.dirname(__file__), "../../models/pose-small-256x192.json"))
    parser.add_argument("--annotations", required=True)
    parser.add_argument("--photos", required=True)
    args = parser.parse_args()
    data = json.load(open(args.annotations))
    model = load_model(args.card.replace(".json", ".safetensors"))
    people = [a for a in data["annotations"] if a["num_keypoints"] > 0 and not a["iscrowd"]]
    names = {i["id"]: i["file_name"] for i in data["images"]}
    found = run_pose(args.program, args.card, data, people, args.photos)
    distances, missing = [], 0
    for row in predict(model, data, args.photos, 192, 256):
        joints = np.array(row["keypoints"]).reshape(17, 3)
        candidates = [np.abs(joints[:, :2] - other[:, :2]).max(1) for other in found.get(names[row["image_id"]], [])]
        if not candidates:
            missing += 1
            continue
        distances.append(min(candidates, key=np.mean))
    distances = np.concatenate(distances)
    print(f"{len(people)} people, {missing} missing, {len(distances)} joints: "
          f"largest difference {distances.max():.3f} px, {np.mean(distances > 0.1) * 100:.3f} % over 0.1 px, "
          f"median {np.median(distances):.5f} px")


if __name__ == "__main__":
    main()
