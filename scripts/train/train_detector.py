"""Trains the person detector of a cfg; run again to go on from the last checkpoint. The schedule is a share of a time
budget. With --start_from a pose checkpoint, the way down starts from what the pose network has learnt.

With --teacher, the features before each head also learn to say what those of a Darknet detector and its heads say about
the same picture, everywhere on it: what a network has learnt from 118,000 photos, boxes on a few thousand cannot tell."""
from __future__ import annotations

import argparse
import copy
import json
import os
import queue
import threading
import time

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from data import UNCLEAR_RIGHTS
from darknet import Darknet, read_weights, write_weights
from detection_data import INCOMPLETE, load_photos, sample, shares
from evaluate_detector import best_recall, curve, detect, letterbox_input, on_picture, overlaps
from teachers import Hints, Teacher, detection_teacher
from train_pose import learning_rate, save, update_average

SIDES = (320, 352, 384, 416, 448)  # input sides, changed every few steps
FINAL_PHASE = 0.85  # from here on only the side of the cfg
MAX_RATIO = 4.0  # of box side and anchor side
LOSS_WEIGHTS = dict(box=3.0, objectness=5.0, kind=0.2)
TEACHER_WEIGHT = 6.0
KINDS = (0, 1, 3, *range(14, 24))  # COCO's person; bicycle, motorbike, bird to giraffe, which are easily taken for one
ALARM, OTHER = 0.25, 0.5     # scores of people and other kinds from which on a photo is hard
LEAST_CUTOUT = 32            # pixels of the shorter side of what is pasted elsewhere


def feature_widths(network: Darknet) -> list[int]:
    with torch.no_grad():
        blank = torch.zeros(1, 3, 64, 64, device=next(network.parameters()).device)
        return [f.shape[1] for f in network.eval().run(blank)[1]]


def columns(detector: Darknet) -> list[int]:
    """Which numbers of an anchor tell of KINDS: box, objectness, logits."""
    return [*range(5), *(5 + k for k in KINDS if k < detector.classes)]


def said(detector: Darknet, heads) -> list[torch.Tensor]:
    """What a detector's heads say of KINDS, [n, anchors, 5 + kinds, h, w] each."""
    return [head.unflatten(1, (len(anchors), -1))[:, :, columns(detector)]
            for head, anchors in zip(heads, detector.anchors)]


def sure(logits: torch.Tensor) -> torch.Tensor:
    """Score [n, 1, h, w] of the likeliest of KINDS."""
    p = logits.sigmoid()
    return (p[:, :, 4] * p[:, :, 5:].amax(2)).amax(1, keepdim=True)


def lesson_of(student: Darknet, detector: Darknet):
    """`hints` of what the student's features learn: at each head the teacher's features, and what it says of KINDS
    there. `goals` of a teacher's outputs: those, and where it sees one of them."""
    widths = feature_widths(detector) + [len(anchors) * len(columns(detector)) for anchors in detector.anchors]
    hints = Hints(feature_widths(student) * 2, widths)

    def goals(outputs):
        heads, features = outputs[:len(detector.anchors)], outputs[len(detector.anchors):]
        answers = said(detector, heads)
        return [*features, *(a.flatten(1, 2) for a in answers)], [sure(a) for a in answers] * 2
    return hints, goals


def others_on(picture: np.ndarray, teacher: Teacher, detector: Darknet, side: int) -> np.ndarray:
    """Boxes [n, 4] of what a Darknet detector sees of KINDS but people on a u8 RGB picture: left, top, right, bottom."""
    x, scale, offset = letterbox_input(picture, side)
    heads = teacher(x)[:len(detector.anchors)]
    boxes, scores = [], []
    for logits, anchors in zip(said(detector, heads), detector.anchors):
        p = logits[0].sigmoid()
        score = p[:, 4] * p[:, 6:].amax(1)
        anchor, row, column = (score > OTHER).nonzero(as_tuple=True)
        centre = (p[anchor, :2, row, column] + torch.stack([column, row], 1)) * (side / p.shape[3])
        size = logits[0][anchor, 2:4, row, column].clamp(max=4).exp() * torch.tensor(anchors)[anchor]
        boxes.append(torch.cat([centre - size / 2, centre + size / 2], 1))
        scores.append(score[anchor, row, column])
    return on_picture(torch.cat(boxes).numpy(), torch.cat(scores).numpy(), picture, scale, offset, nms=0.45)[0]


def hard_ones(photos, model: Darknet, teacher: Teacher | None, detector: Darknet | None):
    """Which photos are hard, bool [n]: those without people where `model` sees some (bootstrapping, Sung and Poggio,
    1998), and those on which the teacher sees KINDS but people; and cutouts of these. Athletes' photos do not count:
    the teacher takes some athletes for animals."""
    model.eval()
    hard, cutouts = np.zeros(len(photos), bool), []
    for i, photo in enumerate(photos):
        if not len(photo.boxes) and not len(photo.ignore):
            hard[i] = detect(model, photo.picture, model.side, ALARM)[1].size > 0
        if photo.athlete or not teacher or detector.classes == 1:
            continue
        people = np.concatenate([photo.boxes, photo.ignore])
        for box in others_on(photo.picture, teacher, detector, model.side):
            hard[i] = True
            x0, y0, x1, y1 = box.astype(int)
            if not overlaps(box[None], people).any() and min(x1 - x0, y1 - y0) >= LEAST_CUTOUT:
                cutouts.append(photo.picture[y0:y1, x0:x1].copy())
    print(hard.sum(), "hard photos,", len(cutouts), "cutouts", flush=True)
    return hard, cutouts


class Batches(threading.Thread):
    """Makes batches beside the training; `side` may be changed at any time."""

    def __init__(self, photos, weights, cutouts, batch: int, seed: int, side: int, teacher: Teacher | None):
        super().__init__(daemon=True)
        self.photos, self.weights, self.cutouts = photos, weights, cutouts
        self.batch, self.side, self.teacher = batch, side, teacher
        self.rng, self.queue = np.random.default_rng(seed), queue.Queue(4)

    def run(self):
        while True:
            side = self.side
            rows = [sample(self.photos, self.weights, self.cutouts, side, self.rng) for _ in range(self.batch)]
            x = np.ascontiguousarray(np.stack([r[0] for r in rows]).transpose(0, 3, 1, 2), np.float32) / 255
            self.queue.put((torch.from_numpy(x), [torch.from_numpy(r[1]) for r in rows],
                            [torch.from_numpy(r[2]) for r in rows], self.teacher(x) if self.teacher else []))


def assign(boxes, anchors, w: int, h: int, stride: float):
    """Cells that answer for a box: the one of its centre and the nearest neighbour on each axis, for every anchor of
    about its size. Returns rows (box, anchor, row, column)."""
    size, center = boxes[:, 2:] - boxes[:, :2], (boxes[:, :2] + boxes[:, 2:]) / 2 / stride
    ratio = size[:, None] / torch.tensor(anchors)[None]
    box, anchor = (torch.max(ratio, 1 / ratio).amax(2) < MAX_RATIO).nonzero(as_tuple=True)
    cell = center[box].floor()
    side = (center[box] - cell - 0.5).sign()
    found = []
    for dx, dy in ((0, 0), (1, 0), (0, 1)):
        x, y = cell[:, 0] + dx * side[:, 0], cell[:, 1] + dy * side[:, 1]
        inside = (x >= 0) & (x < w) & (y >= 0) & (y < h)
        found.append(torch.stack([box, anchor, y.long(), x.long()], 1)[inside])
    return torch.cat(found)


def complete_iou(a, b):
    """CIoU (Zheng et al., 2020) of boxes as centre and size."""
    a0, a1, b0, b1 = a[:, :2] - a[:, 2:] / 2, a[:, :2] + a[:, 2:] / 2, b[:, :2] - b[:, 2:] / 2, b[:, :2] + b[:, 2:] / 2
    both = (torch.min(a1, b1) - torch.max(a0, b0)).clamp(min=0).prod(1)
    iou = both / (a[:, 2:].prod(1) + b[:, 2:].prod(1) - both + 1e-7)
    around = torch.max(a1, b1) - torch.min(a0, b0)
    distance = (a[:, :2] - b[:, :2]).square().sum(1) / (around.square().sum(1) + 1e-7)
    shape = 0.405285 * ((b[:, 2] / b[:, 3]).atan() - (a[:, 2] / a[:, 3].clamp(min=1e-4)).atan()).square()
    with torch.no_grad():
        alpha = shape / (1 - iou + shape + 1e-7)
    return iou, iou - distance - alpha * shape


def head_loss(model, index: int, head, side: int, boxes, ignore):
    """Loss of one head over a batch: boxes, objectness, class."""
    n, _, h, w = head.shape
    anchors, stride = model.anchors[index], side / w
    logits = head.view(n, len(anchors), 6, h, w).permute(0, 1, 3, 4, 2).float()
    target, weight = torch.zeros(n, len(anchors), h, w), torch.ones(n, len(anchors), h, w)
    picks, truth = [], []
    grid_y, grid_x = ((torch.arange(s) + 0.5) * stride for s in (h, w))
    for i in range(n):
        for x0, y0, x1, y1 in ignore[i].tolist():
            inside = ((grid_y > y0) & (grid_y < y1))[:, None] & ((grid_x > x0) & (grid_x < x1))[None]
            weight[i][:, inside] = 0
        rows = assign(boxes[i], anchors, w, h, stride) if len(boxes[i]) else torch.zeros(0, 4, dtype=torch.long)
        picks.append(torch.cat([torch.full((len(rows), 1), i), rows[:, 1:]], 1))
        truth.append(boxes[i][rows[:, 0]])
    picks, truth = torch.cat(picks), torch.cat(truth).to(logits)
    box_loss = kind_loss = logits.sum() * 0
    if len(picks):
        i, a, y, x = picks.T
        t = logits[i, a, y, x]
        cell = torch.stack([x, y], 1).to(t)
        centre = (t[:, :2].sigmoid() * 2 - 0.5 + cell) * stride
        size = t[:, 2:4].clamp(max=4).exp() * torch.tensor(anchors).to(t)[a]
        goal = torch.cat([(truth[:, :2] + truth[:, 2:]) / 2, truth[:, 2:] - truth[:, :2]], 1)
        iou, quality = complete_iou(torch.cat([centre, size], 1), goal)
        box_loss = (1 - quality).mean()
        kind_loss = bce(t[:, 5], torch.ones(len(t)).to(t))
        target[i, a, y, x] = 0.3 + 0.7 * iou.detach().clamp(0, 1).cpu()
        weight[i, a, y, x] = 1
    # Quality focal loss (Li et al., 2020): the many cells that are plainly empty leave the say to those taken for people.
    target, seen = target.to(logits), logits[..., 4]
    focus = (seen.detach().sigmoid() - target).square() * weight.to(logits)
    objectness = (bce(seen, target, reduction="none") * focus).sum() / max(len(picks), 1)
    return LOSS_WEIGHTS["box"] * box_loss + LOSS_WEIGHTS["objectness"] * objectness + LOSS_WEIGHTS["kind"] * kind_loss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", nargs=2, action="append", metavar=("ANNOTATIONS", "PHOTOS"), required=True)
    parser.add_argument("--teacher_boxes", nargs="*", default=[],
                        help="files of pose --save_boxes, for the unlabelled people beside a labelled athlete")
    parser.add_argument("--val", nargs=2, metavar=("ANNOTATIONS", "PHOTOS"), required=True)
    parser.add_argument("--cfg", default=os.path.join(os.path.dirname(__file__), "../../models/person-small.cfg"))
    parser.add_argument("--start_from", help="checkpoint of train_pose.py, or .weights of the cfg")
    parser.add_argument("--teacher", nargs=2, metavar=("CFG", "WEIGHTS"), help="a detector to learn features from")
    parser.add_argument("--work_dir", required=True)
    parser.add_argument("--minutes", type=float, default=45, help="budget of training time")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--peak_lr", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all_sources", action="store_true", help="also photos of unclear rights")
    args = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(args.seed)
    os.makedirs(args.work_dir, exist_ok=True)
    photos = load_photos([tuple(t) for t in args.train],
                         INCOMPLETE | (set() if args.all_sources else UNCLEAR_RIGHTS), args.teacher_boxes)
    print(len(photos), "photos", sum(len(p.boxes) for p in photos), "people", flush=True)
    model = Darknet(args.cfg)
    if args.start_from and args.start_from.endswith(".weights"):
        read_weights(model, args.start_from)
    elif args.start_from:
        model.start_from(torch.load(args.start_from, map_location="cpu", weights_only=True)["ema"])
    model = model.to(device, memory_format=torch.channels_last)
    average = copy.deepcopy(model)
    teacher = detector = None
    learning = torch.nn.ModuleDict({"model": model})
    if args.teacher:
        teacher, detector = detection_teacher(*args.teacher)
        learning["hints"], goals_of = lesson_of(model, detector)
        learning["hints"].to(device)
    hard, cutouts = hard_ones(photos, model, teacher, detector)
    optimizer = torch.optim.AdamW(learning.parameters(), lr=args.peak_lr, weight_decay=0.02)
    checkpoint, spent, step = os.path.join(args.work_dir, "detector.pt"), 0.0, 0
    if os.path.exists(checkpoint):
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        for key, part in (("learning", learning), ("ema", average), ("optimizer", optimizer)):
            part.load_state_dict(state[key])
        spent, step = state["spent"], state["step"]
    batches = Batches(photos, shares(photos, hard), cutouts, args.batch, args.seed + step, model.side, teacher)
    batches.start()
    sides = np.random.default_rng(args.seed)
    last_save = last_eval = spent
    losses, mark, budget = [], time.monotonic(), args.minutes * 60
    while spent < budget:
        progress = spent / budget
        if step % 10 == 0:
            batches.side = model.side if progress > FINAL_PHASE else int(sides.choice(SIDES))
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(progress, args.peak_lr)
        x, boxes, ignore, answer = batches.queue.get()
        learning.train()
        with torch.autocast(device.type, torch.bfloat16):
            x = x.to(device).contiguous(memory_format=torch.channels_last)
            heads, features = model.run(x)
            lesson = torch.zeros((), device=device)
            if answer:
                lesson = learning["hints"](features * 2, *goals_of([v.to(device) for v in answer]))
        loss = TEACHER_WEIGHT * lesson + sum(
            head_loss(model, i, head, x.shape[3], boxes, ignore) for i, head in enumerate(heads))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        step += 1
        update_average(average, model, step)
        losses.append((loss.item(), lesson.item()))
        now = time.monotonic()
        spent, mark = spent + now - mark, now
        if step % 100 == 0:
            print(f"{spent / 60:.1f} min step {step} loss {np.mean(losses, 0).round(4)}", flush=True)
            losses = []
        done = spent >= budget
        if done or spent - last_save > 180:
            last_save = spent
            save(checkpoint, learning=learning.state_dict(), ema=average.state_dict(), optimizer=optimizer.state_dict(),
                 spent=spent, step=step)
            write_weights(average, os.path.join(args.work_dir, "person-small.weights"))
        if done or spent - last_eval > 480:
            last_eval = spent
            average.eval()
            points = curve(json.load(open(args.val[0])), args.val[1],
                           lambda _name, picture: detect(average, picture, average.side))
            threshold, recall, precision = best_recall(points)
            line = json.dumps(dict(minutes=round(spent / 60, 1), step=step, recall=recall, precision=precision,
                                   threshold=threshold))
            print(line, flush=True)
            open(os.path.join(args.work_dir, "curve.jsonl"), "a").write(line + "\n")
            mark = time.monotonic()


if __name__ == "__main__":
    main()
