"""Trains the hourglass on COCO-keypoints-style data sets; joints without a label come from the teacher's annotations, or
with --teacher, at the full size, from what the teacher itself says of the very same crop: its heatmaps, and with
--teacher_features what lies before them at strides 32 to 4, everywhere on the crop.

The schedule is a share of a time budget, so that it fits whatever machine there is: small inputs first, the full size
last, learning rate one cycle. Run it again to go on from the last checkpoint."""
from __future__ import annotations

import argparse
import copy
import json
import math
import os
import queue
import threading
import time

import numpy as np
import torch
from torch.nn.functional import adaptive_max_pool2d

from data import UNCLEAR_RIGHTS, augmented, blurred, heatmaps, load_people, normalised, patched
from evaluate import load_model, report
from hourglass import DEFAULTS, Hourglass
from teachers import Hints, Teacher, pose_teacher

# Share of the budget at which each input size ends: (until, width, height, batch).
# Sides are multiples of 32, as the network wants; 128x192 shows a little more above and below.
PHASES = [(0.40, 96, 128, 64), (0.65, 128, 192, 48), (1.0, 192, 256, 32)]
FULL_SIZE = (192, 256)
LABEL_SHARE = 0.6     # of a labelled joint's target; the rest is the teacher's heatmap
TEACHER_WEIGHT = 0.8  # of joints that only the teacher knows
PATCHED = 0.4         # of the crops that a teacher sees
BLURRED = 0.3         # of them, after the teacher has seen them
HINT_WEIGHT = 0.25    # of the teacher's features beside its heatmaps


def phase_at(progress: float, full_size_only: bool):
    return PHASES[-1] if full_size_only else next(p for p in PHASES if progress < p[0] or p is PHASES[-1])


def sigma_for(width: int) -> float:
    return 1.25 + 0.75 * width / FULL_SIZE[0]


def mixed(own: torch.Tensor, maps: np.ndarray, labelled: np.ndarray):
    """Targets and joint weights: labels where there are any, mixed with the teacher's heatmaps `own`."""
    share = np.where(labelled, LABEL_SHARE, 0).astype(np.float32)[:, :, None, None]
    return share * maps + (1 - share) * own.numpy(), np.where(labelled, 1, TEACHER_WEIGHT).astype(np.float32)


class Batches(threading.Thread):
    """Makes batches beside the training; `size` may be changed at any time."""

    def __init__(self, people, seed: int, size, teacher: Teacher | None):
        super().__init__(daemon=True)
        self.people, self.size, self.rng, self.teacher = people, size, np.random.default_rng(seed), teacher
        self.queue = queue.Queue(4)

    def run(self):
        order = []
        while True:
            _, width, height, batch = self.size
            teacher, rows = self.teacher if (width, height) == FULL_SIZE else None, []
            for _ in range(batch):
                if not order:
                    order = self.rng.permutation(self.people.repeated()).tolist()
                crop, joints, amplitude, weight, labelled = augmented(self.people, order.pop(), width, height, self.rng)
                if teacher and rows and self.rng.random() < PATCHED:
                    labelled = patched(crop, joints, labelled, rows[-1][0], self.rng)
                rows.append((crop, *heatmaps(joints, amplitude, weight, width, height, sigma_for(width)), labelled))
            crops, maps, weights, labelled = (np.stack(column) for column in zip(*rows))
            hints = []
            if teacher:
                own, *hints = teacher(normalised(crops))
                maps, weights = mixed(own, maps, labelled)
                crops = np.stack([blurred(c, self.rng) if self.rng.random() < BLURRED else c for c in crops])
            self.queue.put([*(torch.from_numpy(v) for v in (normalised(crops), maps, weights)), *hints])


def learning_rate(progress: float, peak: float) -> float:
    warm = 0.04
    if progress < warm:
        return peak * (0.05 + 0.95 * progress / warm)
    return peak * (0.002 + 0.998 * 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - warm) / (1 - warm)))))


def loss_of(maps, target, weight):
    """Mean squared error, joints weighted, cells near a joint counting more than the empty rest."""
    emphasis = 1 + 4 * target
    return ((maps.float() - target).square() * emphasis * weight[:, :, None, None]).mean() * 100


@torch.no_grad()
def update_average(average, model, step: int) -> None:
    decay = min(0.999, (1 + step) / (20 + step))
    for a, b in zip(average.state_dict().values(), model.state_dict().values()):
        a.lerp_(b, 1 - decay) if a.is_floating_point() else a.copy_(b)


def save(path: str, **state) -> None:
    torch.save(state, path + ".tmp")
    os.replace(path + ".tmp", path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", nargs=2, action="append", metavar=("ANNOTATIONS", "PHOTOS"), required=True)
    parser.add_argument("--val", nargs=2, metavar=("ANNOTATIONS", "PHOTOS"), required=True)
    parser.add_argument("--work_dir", required=True, help="checkpoints, cache and log")
    parser.add_argument("--minutes", type=float, default=90, help="budget of training time")
    parser.add_argument("--peak_lr", type=float, default=3e-3)
    parser.add_argument("--blocks", type=int, nargs=4, default=DEFAULTS["blocks"],
                        help="residual blocks at strides 4 to 32; as many as --start_from has, or more")
    parser.add_argument("--start_from", help="a .safetensors file of export.py, or a checkpoint; the full size only")
    parser.add_argument("--teacher", help="ONNX file of a pose network to learn from")
    parser.add_argument("--teacher_features", nargs="*", default=[], metavar="NAME",
                        help="tensors of --teacher at the last strides, e.g. four of strides 32, 16, 8, 4")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all_sources", action="store_true", help="also photos of unclear rights")
    args = parser.parse_args()
    if args.teacher_features and not args.teacher:
        parser.error("--teacher_features are tensors of --teacher: name that too")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(args.seed)
    people = load_people([tuple(t) for t in args.train], set() if args.all_sources else UNCLEAR_RIGHTS, args.work_dir,
                         unlabelled=bool(args.teacher))
    print(len(people.crops), "people", flush=True)
    sizes = dict(DEFAULTS, blocks=tuple(args.blocks))
    model = Hourglass(**sizes)
    if args.start_from:
        model.grow_from(load_model(args.start_from))
    model = model.to(device, memory_format=torch.channels_last)
    average = copy.deepcopy(model)
    teacher = pose_teacher(args.teacher, args.teacher_features) if args.teacher else None
    learning = torch.nn.ModuleDict({"model": model})
    if args.teacher_features:
        goals = [f.shape[1] for f in teacher(np.zeros((1, 3, *FULL_SIZE[::-1]), np.float32))[1:]]
        learning["hints"] = Hints(model.feature_widths()[-len(goals):], goals).to(device)
    optimizer = torch.optim.AdamW(learning.parameters(), lr=args.peak_lr, weight_decay=0.01)
    checkpoint, spent, step = os.path.join(args.work_dir, "pose.pt"), 0.0, 0
    if os.path.exists(checkpoint):
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        learning.load_state_dict(state["learning"])
        average.load_state_dict(state["ema"])
        optimizer.load_state_dict(state["optimizer"])
        spent, step = state["spent"], state["step"]
    budget, full_size_only = args.minutes * 60, bool(args.start_from)
    batches = Batches(people, args.seed + step, phase_at(spent / budget, full_size_only), teacher)
    batches.start()
    last_save = last_eval = spent
    samples, losses, mark = 0, [], time.monotonic()
    while spent < budget:
        progress = spent / budget
        batches.size = phase_at(progress, full_size_only)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(progress, args.peak_lr)
        x, target, weight, *goals = (v.to(device) for v in batches.queue.get())
        learning.train()
        with torch.autocast(device.type, torch.bfloat16):
            maps, features = model.run(x.contiguous(memory_format=torch.channels_last))
            lesson = torch.zeros((), device=device)
            if goals:
                seen = [adaptive_max_pool2d(target.amax(1, keepdim=True), g.shape[2:]) for g in goals]
                lesson = learning["hints"](features[-len(goals):], goals, seen)
        loss = loss_of(maps, target, weight)
        losses.append((loss.item(), lesson.item()))
        loss = loss + HINT_WEIGHT * lesson
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        step += 1
        update_average(average, model, step)
        samples += len(x)
        now = time.monotonic()
        spent, mark = spent + now - mark, now
        if step % 100 == 0:
            print(f"{spent / 60:.1f} min step {step} size {x.shape[3]}x{x.shape[2]} loss {np.mean(losses, 0).round(4)} "
                  f"{samples} samples", flush=True)
            losses = []
        done = spent >= budget
        if done or spent - last_save > 180:
            last_save = spent
            save(checkpoint, learning=learning.state_dict(), ema=average.state_dict(), optimizer=optimizer.state_dict(),
                 sizes=sizes, spent=spent, step=step)
        if done or spent - last_eval > 600:
            last_eval = spent
            average.eval()
            figures = report(average, json.load(open(args.val[0])), args.val[1], *FULL_SIZE)
            line = json.dumps(dict(minutes=round(spent / 60, 1), step=step, samples=samples, **figures))
            print(line, flush=True)
            open(os.path.join(args.work_dir, "curve.jsonl"), "a").write(line + "\n")
            mark = time.monotonic()


if __name__ == "__main__":
    main()
