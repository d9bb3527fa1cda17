"""People of COCO-keypoints-style data sets as cached crops, augmentation and heatmap targets."""
from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass

import cv2
import numpy as np

JOINTS = 17
PAIRS = [(1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16)]
FLIPPED = np.array([0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15])
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
PADDING = 1.25            # of the box, HRNet's
ASPECT = 192 / 256
CACHE_W, CACHE_H = 288, 384   # pixels of a cached crop: the padded box is its middle 192 x 256
ATHLETES = {"lspet"}      # fill three quarters of the pools: everybody else is shown EVERYDAY times in one pass
EVERYDAY = 5
SQUEEZED = {"idenprof", "coco256"}  # photos made square by squeezing: people look narrow
UNCLEAR_RIGHTS = {"pelota", "idenprof", "people-counting", "apollo"}


def center_size(box) -> tuple[np.ndarray, np.ndarray]:
    """(x, y, w, h) -> centre and size of the padded 3:4 crop, photo pixels."""
    x, y, w, h = (float(v) for v in box)
    center = np.array([x + w / 2, y + h / 2])
    if w > ASPECT * h:
        h = w / ASPECT
    else:
        w = h * ASPECT
    return center, np.array([w, h]) * PADDING


def crop_matrix(center, size, width: int, height: int) -> np.ndarray:
    """2x3 matrix, photo pixels -> crop pixels (HRNet's convention: the centre goes to width / 2, height / 2)."""
    s = width / size[0]
    return np.array([[s, 0, width / 2 - s * center[0]], [0, s, height / 2 - s * center[1]]])


@dataclass
class People:
    """`crops` [n, CACHE_H, CACHE_W, 3] u8 RGB; joints in cached-crop pixels, `amplitude` of the target peak (0: the
    joint is known to be invisible), `weight` of its loss (0: nothing is known)."""
    crops: np.ndarray
    joints: np.ndarray      # [n, 17, 2]
    amplitude: np.ndarray   # [n, 17]
    weight: np.ndarray      # [n, 17]
    labelled: np.ndarray    # [n, 17] bool: by hand, not by a teacher
    repeats: np.ndarray     # [n]: how often a person is shown in one pass
    squeezed: np.ndarray    # [n] bool

    def repeated(self) -> np.ndarray:
        """Indices of one pass."""
        return np.repeat(np.arange(len(self.crops)), self.repeats)


def _target_of(annotation) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Labelled joints as labelled; the others where the teacher sees them, as high as it is sure."""
    label = np.array(annotation.get("keypoints") or [0] * 3 * JOINTS, float).reshape(JOINTS, 3)
    teacher = annotation.get("teacher")
    xy, amplitude, weight = label[:, :2].copy(), np.zeros(JOINTS), np.zeros(JOINTS)
    labelled = label[:, 2] > 0
    if annotation.get("pseudo"):
        labelled[:] = False
    if teacher is not None:
        seen = np.array(teacher, float).reshape(JOINTS, 3)
        use = ~labelled
        xy[use] = seen[use, :2]
        amplitude[use] = np.where(seen[use, 2] > 0.2, np.clip(seen[use, 2] * 1.1, 0, 1), 0)
        weight[use] = np.where(seen[use, 2] > 0.2, 0.4 + 0.6 * amplitude[use], np.where(seen[use, 2] < 0.12, 0.4, 0))
    amplitude[labelled] = weight[labelled] = 1
    return xy, amplitude, weight, labelled


def _people_of(files: list[tuple[str, str]], drop: set[str], unlabelled: bool):
    for annotation_file, folder in files:
        data = json.load(open(annotation_file))
        images = {i["id"]: i for i in data["images"]}
        for a in data["annotations"]:
            image = images[a["image_id"]]
            known = (a.get("num_keypoints", 0) > 0 or a.get("teacher") is not None) and not a.get("ignore")
            least = 12 if known else 24
            if a.get("iscrowd") or not (known or unlabelled) or image.get("source") in drop:
                continue
            if min(a["bbox"][2:]) < least:
                continue
            yield os.path.join(folder, image["file_name"]), a, image.get("source")


def load_people(files: list[tuple[str, str]], drop: set[str], cache: str, unlabelled: bool = False) -> People:
    """All people of `files` ((annotations, photo folder) pairs), decoded once into `cache`. With `unlabelled` also those
    of whom nothing but a box is known."""
    people = list(_people_of(files, drop, unlabelled))
    name = hashlib.sha1(repr((files, sorted(drop), len(people), 1)).encode()).hexdigest()[:12]
    path = os.path.join(cache, f"crops-{name}.npy")
    os.makedirs(cache, exist_ok=True)
    targets = [_target_of(a) for _, a, _ in people]
    matrices = []
    for _, a, _ in people:
        center, size = center_size(a["bbox"])
        matrices.append(crop_matrix(center, size * (CACHE_W / 192), CACHE_W, CACHE_H))
    if not os.path.exists(path):
        crops = np.lib.format.open_memmap(path + ".tmp", "w+", np.uint8, (len(people), CACHE_H, CACHE_W, 3))
        last, photo = None, None
        for i, ((file, _, _), m) in enumerate(zip(people, matrices)):
            if file != last:
                last, photo = file, cv2.cvtColor(cv2.imread(file, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
            crops[i] = cv2.warpAffine(photo, m, (CACHE_W, CACHE_H), flags=cv2.INTER_LINEAR)
        crops.flush()
        os.rename(path + ".tmp", path)
    joints = np.stack([xy @ m[:, :2].T + m[:, 2] for (xy, *_), m in zip(targets, matrices)])
    return People(np.load(path, mmap_mode="r"), joints.astype(np.float32),
                  np.stack([t[1] for t in targets]).astype(np.float32),
                  np.stack([t[2] for t in targets]).astype(np.float32),
                  np.stack([t[3] for t in targets]),
                  np.array([1 if source in ATHLETES else EVERYDAY for _, _, source in people]),
                  np.array([source in SQUEEZED for _, _, source in people]))


def half_body(joints, weight, rng) -> tuple[np.ndarray, float] | None:
    """Centre and scale of a crop around the upper or the lower half (HRNet's augmentation)."""
    visible = weight > 0.5
    if visible.sum() <= 8:
        return None
    part = visible & (np.arange(JOINTS) <= 10) if rng.random() < 0.6 else visible & (np.arange(JOINTS) > 10)
    if part.sum() < 3:
        return None
    low, high = joints[part].min(0), joints[part].max(0)
    w, h = np.maximum(high - low, 8)
    return (low + high) / 2, max(w / ASPECT, h) * 1.5 / 256


def augmented(people: People, i: int, width: int, height: int, rng) -> tuple[np.ndarray, ...]:
    """One person turned, scaled, shifted, mirrored and recoloured: crop [height, width, 3] u8, joints in its pixels,
    their amplitude, weight and whether they are labelled."""
    joints, amplitude, weight = people.joints[i].copy(), people.amplitude[i].copy(), people.weight[i].copy()
    labelled = people.labelled[i]
    center, scale = np.array([CACHE_W / 2, CACHE_H / 2]), 1.0
    if rng.random() < 0.25:
        half = half_body(joints, weight, rng)
        if half is not None:
            center, scale = half
    scale *= np.clip(1 + 0.25 * rng.standard_normal(), 0.65, 1.35)
    center = center + rng.uniform(-0.05, 0.05, 2) * 192 * scale
    # Teachers are sure of upright people only.
    turn = 30 if labelled.any() else 15
    angle = np.clip(turn * rng.standard_normal(), -70, 70) if rng.random() < 0.6 else 0.0
    m = cv2.getRotationMatrix2D((float(center[0]), float(center[1])), angle, width / (192 * scale))
    m[:, 2] += [width / 2 - center[0], height / 2 - center[1]]
    # A photo squeezed or stretched a little in one direction.
    stretch = np.exp(rng.uniform(0, 0.4) if people.squeezed[i] else rng.uniform(-0.12, 0.12))
    m[0] = (m[0] - [0, 0, width / 2]) * stretch + [0, 0, width / 2]
    if rng.random() < 0.5:
        m[0] = [-m[0, 0], -m[0, 1], width - 1 - m[0, 2]]
        joints, amplitude, weight, labelled = (v[FLIPPED] for v in (joints, amplitude, weight, labelled))
    crop = cv2.warpAffine(people.crops[i], m, (width, height), flags=cv2.INTER_LINEAR)
    joints = joints @ m[:, :2].T.astype(np.float32) + m[:, 2].astype(np.float32)
    gain = rng.uniform(0.7, 1.3) * rng.uniform(0.9, 1.1, 3)
    shift = rng.uniform(-25, 25)
    table = np.clip(np.arange(256)[:, None] * gain + shift, 0, 255).astype(np.uint8)
    crop = cv2.LUT(crop, table.reshape(1, 256, 3))
    if rng.random() < 0.1:
        crop = np.repeat(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[:, :, None], 3, 2)
    return crop, joints, amplitude, weight, labelled


def patched(crop, joints, labelled, other, rng) -> np.ndarray:
    """Lays a part of another crop over this one, as when people hide each other (CutMix, Yun et al., 2019), or cuts a side
    off, as the edge of a photo does. Returns which joints still are as labelled; what shows at the others, only a teacher
    can say."""
    height, width = crop.shape[:2]
    if rng.random() < 0.3:
        w, h = (int(width * rng.uniform(0.1, 0.4)), height) if rng.random() < 0.5 else (
            width, int(height * rng.uniform(0.1, 0.4)))
        x, y = rng.integers(2) * (width - w), rng.integers(2) * (height - h)
        crop[y:y + h, x:x + w] = 0
    else:
        w, h = int(width * rng.uniform(0.2, 0.6)), int(height * rng.uniform(0.2, 0.6))
        (x, from_x), (y, from_y) = rng.integers(width - w + 1, size=2), rng.integers(height - h + 1, size=2)
        crop[y:y + h, x:x + w] = other[from_y:from_y + h, from_x:from_x + w]
    return labelled & ~((joints >= [x, y]).all(1) & (joints < [x + w, y + h]).all(1))


def blurred(crop, rng) -> np.ndarray:
    """As if the person were a third to three quarters as large in the photo."""
    height, width = crop.shape[:2]
    scale = np.exp(rng.uniform(np.log(0.3), np.log(0.75)))
    small = cv2.resize(crop, (int(width * scale), int(height * scale)), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def heatmaps(joints, amplitude, weight, width: int, height: int, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian targets [17, height / 4, width / 4] with sub-cell centres, and weights [17]."""
    w, h = width // 4, height // 4
    x, y = joints[:, 0] / 4, joints[:, 1] / 4
    outside = (x < -0.5) | (y < -0.5) | (x > w - 0.5) | (y > h - 0.5)
    amplitude = np.where(outside, 0, amplitude)
    gx = np.exp(-((np.arange(w)[None] - x[:, None]) ** 2) / (2 * sigma * sigma))
    gy = np.exp(-((np.arange(h)[None] - y[:, None]) ** 2) / (2 * sigma * sigma))
    return (amplitude[:, None, None] * gy[:, :, None] * gx[:, None, :]).astype(np.float32), weight


def normalised(crops: np.ndarray) -> np.ndarray:
    """[n, h, w, 3] u8 RGB -> [n, 3, h, w] f32."""
    return ((crops.astype(np.float32) / 255 - MEAN) / STD).transpose(0, 3, 1, 2)
