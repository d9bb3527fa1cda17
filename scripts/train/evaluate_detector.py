"""Recall and precision of person detectors on photos that have all their people boxed."""
from __future__ import annotations

import argparse
import json
import os

import cv2
import numpy as np
import torch

from darknet import Darknet, read_weights
from detection_data import letterboxed

FULLY_BOXED = {"coco", "pelota"}
TALL = 64  # pixels; smaller people count neither way


def overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """IoU [n, m] of boxes (left, top, right, bottom)."""
    size = np.clip(np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2]), 0, None)
    both = size.prod(2)
    area = lambda boxes: (boxes[:, 2:] - boxes[:, :2]).prod(1)
    return both / np.maximum(area(a)[:, None] + area(b)[None] - both, 1e-9)


def suppressed(boxes: np.ndarray, scores: np.ndarray, threshold: float) -> list[int]:
    order, kept = list(np.argsort(-scores, kind="stable")), []
    while order:
        best = order.pop(0)
        kept.append(best)
        iou = overlaps(boxes[best:best + 1], boxes[order])[0] if order else []
        order = [i for i, v in zip(order, iou) if v <= threshold]
    return kept


def letterbox_input(picture: np.ndarray, side: int) -> tuple[np.ndarray, float, tuple[int, int]]:
    """What a network is fed for a u8 RGB picture, [1, 3, side, side] f32, with the letterbox's scale and offset."""
    canvas, scale, offset = letterboxed(picture, side)
    return canvas.transpose(2, 0, 1)[None].astype(np.float32) / 255, scale, offset


def on_picture(corners: np.ndarray, scores: np.ndarray, picture: np.ndarray, scale: float, offset, nms: float):
    """Boxes (left, top, right, bottom) of a letterbox in pixels of the picture, with their scores, after NMS."""
    height, width = picture.shape[:2]
    corners = np.clip((corners - [*offset, *offset]) / scale, 0, [width, height] * 2)
    kept = suppressed(corners, scores, nms)
    return corners[kept], scores[kept]


@torch.inference_mode()
def detect(model: Darknet, picture: np.ndarray, side: int, least: float = 0.02, nms: float = 0.45):
    """Boxes and scores on a u8 RGB picture."""
    x, scale, offset = letterbox_input(picture, side)
    boxes, logits = model.decode(model(torch.from_numpy(x).to(next(model.parameters()).device)), side)
    scores, boxes = logits[0, :, 0].sigmoid().cpu().numpy(), boxes[0].cpu().numpy()
    boxes, scores = boxes[scores >= least], scores[scores >= least]
    corners = np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], 1)
    return on_picture(corners, scores, picture, scale, offset, nms)


def boxes_of_file(path: str):
    """The boxes that `pose --save_boxes` wrote, by photo name: any detector that pose runs can be measured."""
    of_photo: dict[str, list] = {}
    for row in json.load(open(path)):
        of_photo.setdefault(row["image_id"], []).append((*row["bbox"], row["score"]))

    def run(name, _picture):
        rows = np.array(of_photo.get(name, []), float).reshape(-1, 5)
        return np.concatenate([rows[:, :2], rows[:, :2] + rows[:, 2:4]], 1), rows[:, 4]
    return run


def curve(data: dict, folder: str, run) -> list[tuple[float, float, float]]:
    """(threshold, recall, precision) of people taller than TALL, IoU 0.5; small or unsure people count neither way."""
    found, people = [], 0
    for image in data["images"]:
        if image.get("source") not in FULLY_BOXED:
            continue
        picture = cv2.imread(os.path.join(folder, image["file_name"]), cv2.IMREAD_COLOR)[:, :, ::-1].copy()
        truth = [a for a in data["annotations"] if a["image_id"] == image["id"]]
        boxes = np.array([a["bbox"] for a in truth], float).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        tall = np.array([a["bbox"][3] > TALL and not a.get("iscrowd") for a in truth], bool)
        people += int(tall.sum())
        free = np.ones(len(truth), bool)
        corners, scores = run(image["file_name"], picture)
        for corner, score in zip(corners, scores):
            iou = overlaps(corner[None], boxes)[0] if len(boxes) else np.zeros(0)
            best = int(np.argmax(iou * (free & tall))) if len(iou) else -1
            if len(iou) and iou[best] >= 0.5 and free[best] and tall[best]:
                free[best] = False
                found.append((score, 1))
                continue
            inside = [a.get("iscrowd") and
                      np.clip(np.minimum(corner[2:], b[2:]) - np.maximum(corner[:2], b[:2]), 0, None).prod() >
                      0.5 * (corner[2:] - corner[:2]).prod() for a, b in zip(truth, boxes)]
            small = len(iou) and (iou * ~tall).max() >= 0.5
            if corner[3] - corner[1] > TALL and not small and not any(inside):
                found.append((score, 0))
    found.sort(reverse=True)
    hits = np.cumsum([hit for _, hit in found])
    return [(float(score), float(hit / max(people, 1)), float(hit / (k + 1)))
            for k, ((score, _), hit) in enumerate(zip(found, hits))]


def best_recall(points, precision: float = 0.85) -> tuple[float, float, float]:
    """The point of most recall that has at least this precision."""
    good = [p for p in points if p[2] >= precision]
    return max(good, key=lambda p: p[1]) if good else (1.0, 0.0, 0.0)


def average_precision(points) -> float:
    """Area under the curve."""
    recalls = [0.0, *(p[1] for p in points)]
    return sum((after - before) * p[2] for before, after, p in zip(recalls, recalls[1:], points))


def at_threshold(points, threshold: float) -> tuple[float, float, float]:
    return min((p for p in points if p[0] >= threshold), default=(threshold, 0.0, 0.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotations", required=True)
    parser.add_argument("--photos", required=True)
    parser.add_argument("--checkpoint", help="of train_detector.py, or the .weights made of it")
    parser.add_argument("--cfg", default=os.path.join(os.path.dirname(__file__), "../../models/person-small.cfg"))
    parser.add_argument("--boxes", nargs="*", default=[], help="files of pose --save_boxes to compare with")
    parser.add_argument("--conf", nargs="*", type=float, default=[], help="thresholds to give the figures at")
    args = parser.parse_args()
    data = json.load(open(args.annotations))
    runs = {os.path.basename(path): boxes_of_file(path) for path in args.boxes}
    if args.checkpoint:
        model = Darknet(args.cfg)
        if args.checkpoint.endswith(".weights"):
            read_weights(model, args.checkpoint)
        else:
            model.load_state_dict(torch.load(args.checkpoint, map_location="cpu", weights_only=True)["ema"])
        model.eval()
        runs["ours"] = lambda _name, picture: detect(model, picture, model.side)
    for name, run in runs.items():
        points = curve(data, args.photos, run)
        print(f"{name}: AP {average_precision(points):.3f}")
        for score, recall, precision in [best_recall(points), *(at_threshold(points, t) for t in args.conf)]:
            print(f"  recall {recall:.3f} at precision {precision:.3f}, threshold {score:.2f}")


if __name__ == "__main__":
    main()
