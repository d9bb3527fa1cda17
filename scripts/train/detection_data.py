"""Photos with boxes for the detector: loading, mosaics, augmentation."""
from __future__ import annotations

import json
import os
from dataclasses import dataclass

import cv2
import numpy as np

from data import ATHLETES, SQUEEZED

CACHE_SIDE = 448  # longest side of a photo kept in memory
GREY = 128        # letterbox
ATHLETE_WEIGHT = 0.15
HARD_REPEATS = 4
CLOSE_UP = 0.15  # share of people shown so large that the picture's edge cuts them
PASTED = 0.4  # of the pictures, with what is easily taken for a person
INCOMPLETE = {"people-counting"}  # crowds of whom many have no box


@dataclass
class Photo:
    """`boxes` and `ignore` [n, 4]: left, top, right, bottom in pixels of `picture` (u8 RGB)."""
    picture: np.ndarray
    boxes: np.ndarray
    ignore: np.ndarray
    athlete: bool


def shared_area(a, b) -> float:
    """Of two boxes: left, top, right, bottom."""
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)


def overlap(a, b) -> float:
    """IoU of two boxes."""
    both = shared_area(a, b)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both + 1e-9)


def teacher_groups(paths: list[str]) -> dict[str, list[tuple[list, list]]]:
    """Boxes that several detectors gave (files of `pose --save_boxes`), those of one person together: of each photo
    (scores, mean box weighted by score)."""
    groups: dict[str, list] = {}
    for path in paths:
        for row in json.load(open(path)):
            x, y, w, h = row["bbox"]
            box, of_photo = [x, y, x + w, y + h], groups.setdefault(os.path.basename(row["image_id"]), [])
            same = max(of_photo, key=lambda g: overlap(g[1], box), default=None)
            if same is None or overlap(same[1], box) < 0.5:
                of_photo.append(([row["score"]], box))
                continue
            total = sum(same[0])
            same[1][:] = [(a * total + b * row["score"]) / (total + row["score"]) for a, b in zip(same[1], box)]
            same[0].append(row["score"])
    return groups


def with_teacher(labelled: list, groups: list) -> tuple[list, list]:
    """Boxes and ignored boxes of a photo with one labelled athlete: his box as the detectors see it, and the others."""
    boxes, ignore = [list(b) for b in labelled], []
    for scores, box in groups:
        own = max(range(len(labelled)), key=lambda i: overlap(labelled[i], box), default=-1)
        if own >= 0 and overlap(labelled[own], box) >= 0.5:
            if max(scores) >= 0.5:
                boxes[own] = list(box)
        elif max(scores) >= 0.6 or (len(scores) > 1 and max(scores) >= 0.4):
            boxes.append(list(box))
        elif max(scores) >= 0.15:
            ignore.append(list(box))
    return boxes, ignore


def load_photos(files: list[tuple[str, str]], drop: set[str], teacher_files: list[str]) -> list[Photo]:
    """All photos. On those cut to one athlete the others have no label: they come from the detectors' boxes, or the whole
    photo counts for nothing but the athlete."""
    photos, teacher = [], teacher_groups(teacher_files)
    for annotation_file, folder in files:
        data = json.load(open(annotation_file))
        of_image: dict[int, list] = {i["id"]: [] for i in data["images"]}
        for a in data["annotations"]:
            of_image[a["image_id"]].append(a)
        for image in data["images"]:
            if image.get("source") in drop:
                continue
            picture = cv2.imread(os.path.join(folder, image["file_name"]), cv2.IMREAD_COLOR)
            height, width = picture.shape[:2]
            scale = np.full(2, min(1.0, CACHE_SIDE / max(height, width)))
            if image.get("source") in SQUEEZED:
                scale[0] *= 1.25
            picture = cv2.resize(picture, None, fx=scale[0], fy=scale[1], interpolation=cv2.INTER_AREA)
            scale = np.tile(scale, 2).astype(np.float32)
            boxes, ignore = [], []
            for a in of_image[image["id"]]:
                x, y, w, h = a["bbox"]
                (ignore if a.get("ignore") or a.get("iscrowd") else boxes).append([x, y, x + w, y + h])
            athlete = image.get("source") in ATHLETES
            if athlete and image["file_name"] in teacher:
                boxes, ignore = with_teacher(boxes, teacher[image["file_name"]])
            elif athlete:
                ignore.append([0, 0, width, height])
            photos.append(Photo(picture[:, :, ::-1].copy(), np.array(boxes, np.float32).reshape(-1, 4) * scale,
                                np.array(ignore, np.float32).reshape(-1, 4) * scale, athlete))
    return photos


def shares(photos: list[Photo], hard: np.ndarray) -> np.ndarray:
    """How often each photo is drawn: full scenes more than photos cut to one athlete, hard ones (bool [n]) most."""
    weights = np.where([p.athlete for p in photos], ATHLETE_WEIGHT, 1.0) * np.where(hard, HARD_REPEATS, 1)
    return weights / weights.sum()


def recoloured(picture: np.ndarray, rng) -> np.ndarray:
    gain = rng.uniform(0.65, 1.35) * rng.uniform(0.88, 1.12, 3)
    picture = np.clip(picture * gain.astype(np.float32) + rng.uniform(-25, 25), 0, 255).astype(np.uint8)
    if rng.random() < 0.1:
        picture = np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[:, :, None], 3, 2)
    return picture


def place(canvas, photo: Photo, window, rng, boxes: list, ignore: list) -> None:
    """Draws `photo`, scaled and shifted at random, into the window (left, top, right, bottom) of the canvas."""
    left, top, right, bottom = window
    height, width = photo.picture.shape[:2]
    if len(photo.boxes) and rng.random() < CLOSE_UP:
        x0, y0, x1, y1 = photo.boxes[rng.integers(len(photo.boxes))]
        sx = sy = (bottom - top) / (y1 - y0) * np.exp(rng.uniform(np.log(0.8), np.log(2.5)))
        dx = left + (right - left) * rng.uniform(0.1, 0.9) - sx * (x0 + (x1 - x0) * rng.uniform(0.2, 0.8))
        dy = top + (bottom - top) / 2 - sy * (y0 + (y1 - y0) * rng.uniform(0.1, 0.7))
    else:
        fit = min((right - left) / width, (bottom - top) / height)
        sx = sy = fit * np.exp(rng.uniform(np.log(0.8), np.log(2.2)))
        sx *= np.exp(rng.uniform(-0.15, 0.15))
        dx = left + (right - left - sx * width) * rng.random()
        dy = top + (bottom - top - sy * height) * rng.random()
    flip = rng.random() < 0.5
    m = np.array([[-sx, 0, left + right - dx], [0, sy, dy]]) if flip else np.array([[sx, 0, dx], [0, sy, dy]])
    part = cv2.warpAffine(photo.picture, m - [[0, 0, left], [0, 0, top]], (right - left, bottom - top),
                          flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(GREY,) * 3)
    part = recoloured(part, rng)
    canvas[top:bottom, left:right] = part
    for source, target, least in ((photo.boxes, boxes, 0.35), (photo.ignore, ignore, 0.0)):
        for x0, y0, x1, y1 in source:
            xs, ys = sorted((m[0, 0] * x0 + m[0, 2], m[0, 0] * x1 + m[0, 2])), (sy * y0 + dy, sy * y1 + dy)
            box = np.clip([xs[0], ys[0], xs[1], ys[1]], [left, top] * 2, [right, bottom] * 2)
            w, h = box[2] - box[0], box[3] - box[1]
            if w < 1 or h < 1:
                continue
            seen = w * h / ((xs[1] - xs[0]) * (ys[1] - ys[0]))
            (target if seen > least and min(w, h) > 5 else ignore).append(box)


def paste(canvas, cutout, boxes: list, rng) -> None:
    """Lays a cutout without people over the canvas, where it hides nobody by more than a third (or not at all)."""
    side = len(canvas)
    height = int(side * np.exp(rng.uniform(np.log(0.06), np.log(0.7))))
    width = int(np.clip(height * cutout.shape[1] / cutout.shape[0] * np.exp(rng.uniform(-0.25, 0.25)), 8, side))
    for _ in range(5):
        x, y = rng.integers(side - width + 1), rng.integers(side - height + 1)
        hidden = [shared_area(b, (x, y, x + width, y + height)) / ((b[2] - b[0]) * (b[3] - b[1])) for b in boxes]
        if max(hidden, default=0) < 0.33:
            part = cv2.resize(cutout, (width, height), interpolation=cv2.INTER_AREA)
            canvas[y:y + height, x:x + width] = recoloured(part[:, ::-1] if rng.random() < 0.5 else part, rng)
            return


def sample(photos: list[Photo], weights: np.ndarray, cutouts: list[np.ndarray], side: int, rng):
    """One training picture [side, side, 3] u8 with boxes and ignored areas; a mosaic of four most of the time."""
    canvas = np.full((side, side, 3), GREY, np.uint8)
    boxes: list = []
    ignore: list = []
    if rng.random() < 0.6:
        x, y = (int(side * rng.uniform(0.3, 0.7)) for _ in range(2))
        windows = [(0, 0, x, y), (x, 0, side, y), (0, y, x, side), (x, y, side, side)]
    else:
        windows = [(0, 0, side, side)]
    for window, i in zip(windows, rng.choice(len(photos), len(windows), p=weights)):
        place(canvas, photos[i], window, rng, boxes, ignore)
    if cutouts and rng.random() < PASTED:
        paste(canvas, cutouts[rng.integers(len(cutouts))], boxes, rng)
    return canvas, np.array(boxes, np.float32).reshape(-1, 4), np.array(ignore, np.float32).reshape(-1, 4)


def letterboxed(picture: np.ndarray, side: int) -> tuple[np.ndarray, float, tuple[int, int]]:
    """[side, side, 3], scale and offset, as AlphaPose letterboxes."""
    height, width = picture.shape[:2]
    scale = min(side / width, side / height)
    w, h = int(width * scale), int(height * scale)
    x, y = (side - w) // 2, (side - h) // 2
    canvas = np.full((side, side, 3), GREY, np.uint8)
    canvas[y:y + h, x:x + w] = cv2.resize(picture, (w, h), interpolation=cv2.INTER_CUBIC)
    return canvas, scale, (x, y)
