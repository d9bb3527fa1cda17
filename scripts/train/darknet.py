"""Darknet cfg files as PyTorch networks, and their .weights files. Knows the sections that our own cfg and those of
small teacher detectors use."""
from __future__ import annotations

import numpy as np
import torch
from torch import nn


ACTIVATIONS = {"linear": lambda x: x, "relu": torch.relu,
               "leaky": lambda x: nn.functional.leaky_relu(x, 0.1)}


def read_cfg(path: str) -> list[dict]:
    sections: list[dict] = []
    for line in open(path):
        line = line.split("#")[0].strip()
        if line.startswith("["):
            sections.append({"type": line[1:-1]})
        elif line:
            key, value = line.split("=", 1)
            sections[-1][key.strip()] = value.strip()
    return sections


class Darknet(nn.Module):
    """[n, 3, side, side] RGB in 0..1 -> raw maps [n, anchors * (5 + classes), h, w], one per yolo section; `anchors`
    and `classes` beside."""

    def __init__(self, cfg: str):
        super().__init__()
        self.sections = read_cfg(cfg)[1:]
        self.side = int(read_cfg(cfg)[0]["width"])
        self.anchors: list[list[tuple[float, float]]] = []
        self.layers, channels = nn.ModuleList(), []
        for index, s in enumerate(self.sections):
            layer, out = nn.Identity(), channels[-1] if channels else 3
            if s["type"] == "convolutional":
                size, filters, norm = int(s["size"]), int(s["filters"]), s.get("batch_normalize") == "1"
                layer = nn.Sequential(nn.Conv2d(out, filters, size, int(s["stride"]), size // 2,
                                                groups=int(s.get("groups", 1)), bias=not norm))
                if norm:
                    layer.append(nn.BatchNorm2d(filters))
                out = filters
            elif s["type"] == "route":
                s["from"] = [int(v) if int(v) >= 0 else index + int(v) for v in s["layers"].split(",")]
                out = sum(channels[i] for i in s["from"])
            elif s["type"] == "shortcut":
                s["from"] = index + int(s["from"])
            elif s["type"] == "maxpool":
                if int(s["stride"]) != 1 or int(s["size"]) % 2 == 0:
                    raise ValueError("only max pools of odd size and stride 1 are known here")
                layer = nn.MaxPool2d(int(s["size"]), 1, int(s["size"]) // 2)
            elif s["type"] == "yolo":
                numbers = [float(v) for v in s["anchors"].split(",")]
                pairs = list(zip(numbers[::2], numbers[1::2]))
                self.classes = int(s["classes"])
                self.anchors.append([pairs[int(m)] for m in s["mask"].split(",")])
            elif s["type"] not in ("upsample", "dropout"):
                raise ValueError(f"section [{s['type']}] is not known here")
            self.layers.append(layer)
            channels.append(out)
        for conv in (layer[0] for layer in self.layers if isinstance(layer, nn.Sequential)):
            nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
            if conv.bias is not None:  # heads: few cells hold a person
                nn.init.normal_(conv.weight, std=0.01)
                nn.init.zeros_(conv.bias)
                conv.bias.data.view(len(self.anchors[0]), -1)[:, 4] = -4.5

    def run(self, x):
        """The maps, and what the convolution before each of them sees."""
        results, heads, features = [], [], []
        for s, layer in zip(self.sections, self.layers):
            kind = s["type"]
            if kind in ("convolutional", "maxpool"):
                x = layer(x)
            elif kind == "shortcut":
                x = x + results[s["from"]]
            elif kind == "route":
                x = torch.cat([results[i] for i in s["from"]], 1)
            elif kind == "upsample":
                x = nn.functional.interpolate(x, scale_factor=int(s["stride"]))
            elif kind == "yolo":
                heads.append(x)
                features.append(results[-2])
            x = ACTIVATIONS[s.get("activation", "linear")](x)
            results.append(x)
        return heads, features

    def forward(self, x):
        return self.run(x)[0]

    def start_from(self, pose_state: dict) -> None:
        """Takes over the way down of an hourglass whose channels are those of this cfg."""
        names = ["stem"]
        for level, blocks in enumerate((1, 1, 2)):
            names.append(f"down.{level}")
            names += [f"encode.{level}.{b}.conv{c}" for b in range(blocks) for c in (1, 2)]
        convolutions = [layer for layer in self.layers if isinstance(layer, nn.Sequential)]
        for name, layer in zip(names, convolutions):
            layer.load_state_dict({k[len(name) + 1:]: v for k, v in pose_state.items() if k.startswith(name + ".")})
        # The pose network is fed (x - mean) / std: the first layer takes that over, but for the picture's edge.
        conv, norm = convolutions[0]
        mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        with torch.no_grad():
            conv.weight /= std.view(1, 3, 1, 1)
            norm.running_mean += (conv.weight.sum((2, 3)) * mean).sum(1)

    def decode(self, heads, side: int):
        """Boxes [n, rows, 4] (centre, size; pixels of an input `side` wide) and logits [n, rows, 2] of objectness
        and class; rows run over heads, anchors, rows and columns of cells."""
        boxes, logits = [], []
        for head, anchors in zip(heads, self.anchors):
            n, _, h, w = head.shape
            t = head.view(n, len(anchors), 6, h, w).permute(0, 1, 3, 4, 2).float()
            y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
            grid = torch.stack([x, y], 2).to(t)
            size = torch.tensor(anchors).to(t).view(1, -1, 1, 1, 2)
            xy = (t[..., :2].sigmoid() * 2 - 0.5 + grid) * (side / w)
            boxes.append(torch.cat([xy, t[..., 2:4].clamp(max=4).exp() * size], -1).flatten(1, 3))
            logits.append(t[..., 4:].flatten(1, 3))
        return torch.cat(boxes, 1), torch.cat(logits, 1)


def parts_of(layer: nn.Sequential) -> list[torch.Tensor]:
    """The tensors of a convolution in the order of the file."""
    return [*([layer[0].bias] if len(layer) == 1 else [
        layer[1].bias, layer[1].weight, layer[1].running_mean, layer[1].running_var]), layer[0].weight]


@torch.no_grad()
def read_weights(network: Darknet, path: str) -> None:
    with open(path, "rb") as file:
        major, minor, _ = np.fromfile(file, np.int32, 3)
        np.fromfile(file, np.int64 if major * 10 + minor >= 2 else np.int32, 1)
        numbers = torch.from_numpy(np.fromfile(file, np.float32))
    parts = [part for layer in network.layers if isinstance(layer, nn.Sequential) for part in parts_of(layer)]
    if sum(part.numel() for part in parts) != len(numbers):
        raise ValueError(f"{path}: {len(numbers)} numbers for a network of {sum(part.numel() for part in parts)}")
    for part, values in zip(parts, numbers.split([part.numel() for part in parts])):
        part.copy_(values.view_as(part))


def write_weights(network: Darknet, path: str) -> None:
    """Batch norms add 1e-5 to the variance, as PyTorch and the `alphapose` rules do."""
    with open(path, "wb") as out:
        np.array([0, 2, 5], np.int32).tofile(out)
        np.array([0], np.int64).tofile(out)
        for layer in network.layers:
            if not isinstance(layer, nn.Sequential):
                continue
            for part in parts_of(layer):
                part.detach().float().cpu().numpy().ravel().tofile(out)
