"""OKS-AP of a pose network on COCO-keypoints-style labels with ground-truth boxes."""
from __future__ import annotations

import argparse
import contextlib
import copy
import io
import json
import os

import cv2
import numpy as np
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from data import FLIPPED, center_size, crop_matrix, normalised
from export import read_safetensors
from hourglass import DEFAULTS, Hourglass


def top_of(log_map: np.ndarray, x: int, y: int) -> tuple[float, float]:
    """One Newton step from a cell to the top of a smoothed log-map; (0, 0) where that leads nowhere."""
    g = log_map[y - 2:y + 3, x - 2:x + 3]
    dx, dy = (g[2, 3] - g[2, 1]) / 2, (g[3, 2] - g[1, 2]) / 2
    dxx, dyy = (g[2, 4] - 2 * g[2, 2] + g[2, 0]) / 4, (g[4, 2] - 2 * g[2, 2] + g[0, 2]) / 4
    dxy = (g[3, 3] - g[1, 3] - g[3, 1] + g[1, 1]) / 4
    determinant = dxx * dyy - dxy * dxy
    if abs(determinant) <= 1e-12:
        return 0.0, 0.0
    step = -(dyy * dx - dxy * dy) / determinant, -(dxx * dy - dxy * dx) / determinant
    return step if max(map(abs, step)) <= 2 else (0.0, 0.0)


def decode(maps: np.ndarray) -> np.ndarray:
    """[n, j, h, w] -> [n, j, 3]: column, row, peak value. DARK (Zhang et al., CVPR 2020), as the decoder `dark` of
    pose: about 1 AP above a quarter offset."""
    n, j, h, w = maps.shape
    flat = maps.reshape(n, j, -1)
    index = flat.argmax(2)
    found = np.stack([index % w, index // w, flat.max(2)], 2).astype(np.float64)
    for person, joint in np.ndindex(n, j):
        x, y = int(found[person, joint, 0]), int(found[person, joint, 1])
        if 1 < x < w - 2 and 1 < y < h - 2:
            smooth = cv2.GaussianBlur(maps[person, joint].astype(np.float64), (11, 11), 2, borderType=cv2.BORDER_CONSTANT)
            found[person, joint, :2] += top_of(np.log(np.maximum(smooth, 1e-10)), x, y)
    return found


def run(model, crops: np.ndarray, flip: bool) -> np.ndarray:
    """Heatmaps [n, 17, h, w] f32 of u8 crops; flip test with HRNet's shift by one column."""
    x = torch.from_numpy(normalised(crops)).contiguous(memory_format=torch.channels_last)
    device = next(model.parameters()).device
    with torch.inference_mode():
        maps = model(x.to(device)).float().cpu().numpy()
        if flip:
            other = model(x.flip(3).to(device)).float().cpu().numpy()[:, FLIPPED, :, ::-1].copy()
            other[..., 1:] = other[..., :-1].copy()
            maps = (maps + other) / 2
    return maps


def predict(model, data: dict, folder: str, width: int, height: int, flip: bool = True) -> list[dict]:
    """COCO results of all labelled people."""
    images = {i["id"]: i for i in data["images"]}
    people = [a for a in data["annotations"] if a["num_keypoints"] > 0 and not a["iscrowd"]]
    results = []
    for start in range(0, len(people), 32):
        part, crops, matrices = people[start:start + 32], [], []
        for a in part:
            photo = cv2.imread(os.path.join(folder, images[a["image_id"]]["file_name"]), cv2.IMREAD_COLOR)
            m = crop_matrix(*center_size(a["bbox"]), width, height)
            crops.append(cv2.warpAffine(photo, m, (width, height), flags=cv2.INTER_LINEAR)[:, :, ::-1])
            matrices.append(m)
        for a, m, joints in zip(part, matrices, decode(run(model, np.stack(crops), flip))):
            xy = (joints[:, :2] * 4 - m[:, 2]) / [m[0, 0], m[1, 1]]
            results.append(dict(image_id=a["image_id"], category_id=1, ann_id=a["id"],
                                keypoints=np.concatenate([xy, joints[:, 2:]], 1).reshape(-1).tolist(),
                                score=float(joints[:, 2].mean())))
    return results


def average_precision(data: dict, results: list[dict], sources: set[str] | None = None) -> dict:
    """AP, AP50, AP75, AR; only images of `sources` if given."""
    keep = {i["id"] for i in data["images"] if sources is None or i.get("source") in sources}
    part = dict(data, images=[i for i in data["images"] if i["id"] in keep],
                annotations=[copy.deepcopy(a) for a in data["annotations"] if a["image_id"] in keep])
    found = [r for r in results if r["image_id"] in keep]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = part
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(found), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    s = evaluation.stats
    return dict(AP=s[0], AP50=s[1], AP75=s[2], AR=s[5], people=len(found))


def report(model, data: dict, folder: str, width: int, height: int, flip: bool = True) -> dict:
    results = predict(model, data, folder, width, height, flip)
    parts = {"all": None, "coco": {"coco"}, "pelota": {"pelota"}, "lspet": {"lspet"}}
    return {name: average_precision(data, results, sources) for name, sources in parts.items()}


def load_model(path: str) -> Hourglass:
    """The averaged network of a checkpoint, or a .safetensors file that export.py wrote (usual channels)."""
    if path.endswith(".safetensors"):
        state = read_safetensors(path)
        model = Hourglass(blocks=[len({k.split(".")[2] for k in state if k.startswith(f"encode.{level}.")})
                                  for level in range(len(DEFAULTS["blocks"]))])
        state.update({k: v for k, v in model.state_dict().items() if k.endswith("num_batches_tracked")})
    else:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        model, state = Hourglass(**saved["sizes"]), saved["ema"]
    model.load_state_dict(state)
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", help="of train_pose.py, or the .safetensors made of it")
    parser.add_argument("--annotations", required=True)
    parser.add_argument("--photos", required=True)
    parser.add_argument("--size", default="192x256", help="network input, WIDTHxHEIGHT")
    parser.add_argument("--no_flip", action="store_true")
    parser.add_argument("--results", help="write the predictions as a COCO result file")
    args = parser.parse_args()
    model = load_model(args.checkpoint)
    width, height = (int(v) for v in args.size.split("x"))
    data = json.load(open(args.annotations))
    if args.results:
        json.dump(predict(model, data, args.photos, width, height, not args.no_flip), open(args.results, "w"))
    for name, figures in report(model, data, args.photos, width, height, not args.no_flip).items():
        print(name, " ".join(f"{k} {v:.3f}" if k != "people" else f"{k} {v}" for k, v in figures.items()))


if __name__ == "__main__":
    main()
