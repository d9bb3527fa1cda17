#!/usr/bin/env python3
"""Makes sets of labelled people and detections by formula, and their numbers with pycocotools.

    coco_set.py golden > tests/data/golden/coco_eval.json     a small set with pycocotools' numbers
    coco_set.py files PHOTOS PEOPLE DETECTIONS GT.json DT.json
    coco_set.py reference GT.json DT.json                     pycocotools' ten numbers
"""
import contextlib
import io
import json
import sys

NAMES = ["AP", "AP50", "AP75", "APm", "APl", "AR", "AR50", "AR75", "ARm", "ARl"]


class Dice:
    """Knuth's 64-bit generator: the same on every machine."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit


def person(dice, number, photo, kind):
    """kind: 0 to 4 small to large, 5 without labelled joints, 6 a crowd."""
    width, height = [(12, 20), (30, 50), (40, 90), (90, 180), (150, 260), (40, 80), (200, 120)][kind]
    x, y = dice.below(400), dice.below(200)
    joints, labelled = [], 0
    for _ in range(17):
        label = 0 if kind >= 5 else dice.below(3)
        labelled += label > 0
        joints += [x + dice.below(width), y + dice.below(height), label] if label else [0, 0, 0]
    return {"id": number, "image_id": photo, "category_id": 1, "iscrowd": int(kind == 6), "num_keypoints": labelled,
            "bbox": [x, y, width, height], "area": width * height * 0.6, "keypoints": joints}


def detection(dice, photo, target, step):
    """Joints near those of `target`, or anywhere; few different scores, so that many tie."""
    joints = []
    spread = [0, 2, 5, 12, 40][dice.below(5)]
    for j in range(17):
        x, y, label = target["keypoints"][3 * j:3 * j + 3] if target else (0, 0, 0)
        if not label:
            left, top, width, height = target["bbox"] if target else (dice.below(500), dice.below(300), 80, 160)
            x, y = left + dice.below(width), top + dice.below(height)
        joints += [x + (dice.below(2 * spread + 1) - spread) * step, y + (dice.below(2 * spread + 1) - spread) * step,
                   dice.below(64) / 64]
    return {"image_id": photo, "category_id": 1, "keypoints": joints, "score": dice.below(20) / 20}


def make(photos, people, detections, seed=1, step=0.25):
    dice = Dice(seed)
    images = [{"id": 7 * i + 3, "width": 640, "height": 480, "file_name": "%012d.jpg" % (7 * i + 3)}
              for i in range(photos)]
    busy = max(1, photos * 3 // 4)  # the rest has nobody
    annotations = [person(dice, 100 + i, images[dice.below(busy)]["id"], dice.below(7)) for i in range(people)]
    found = []
    for i in range(detections):
        target = annotations[dice.below(len(annotations))] if dice.below(8) else None
        crowded = i < 30  # one photo has more than count
        photo = images[0]["id"] if crowded else target["image_id"] if target else images[dice.below(photos)]["id"]
        found.append(detection(dice, photo, target, step))
        if i % 16 == 15:
            found[-1] = dict(found[-2])  # one person twice
    return ({"images": images[::-1], "annotations": annotations, "categories": [{"id": 1, "name": "person"}]}, found)


def reference(gt_file, dt_file):
    import numpy as np
    np.float = float  # older pycocotools
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO(gt_file)
        evaluation = COCOeval(gt, gt.loadRes(dt_file), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return dict(zip(NAMES, map(float, evaluation.stats)))


def files(gt, dt, gt_file, dt_file):
    for value, file in ((gt, gt_file), (dt, dt_file)):
        with open(file, "w") as out:
            json.dump(value, out)


def golden():
    import os
    import tempfile
    gt, dt = make(24, 44, 96)
    with tempfile.TemporaryDirectory() as folder:
        paths = os.path.join(folder, "gt.json"), os.path.join(folder, "dt.json")
        files(gt, dt, *paths)
        json.dump({"gt": gt, "dt": dt, "expected": reference(*paths)}, sys.stdout, separators=(",", ":"))


if __name__ == "__main__":
    if sys.argv[1:] == ["golden"]:
        golden()
    elif len(sys.argv) == 7 and sys.argv[1] == "files":
        files(*make(*map(int, sys.argv[2:5])), *sys.argv[5:])
    elif len(sys.argv) == 4 and sys.argv[1] == "reference":
        print(json.dumps(reference(*sys.argv[2:])))
    else:
        sys.exit(__doc__)
