"""HRNetV1 with the official state-dict keys, every size a parameter (the same names as in our model cards)."""
from __future__ import annotations

import torch
from torch import nn

DEFAULTS = dict(width=16, stem=32, layer1_planes=32, layer1_blocks=2, modules=(1, 2, 1), blocks=2)


def conv_bn(inputs: int, outputs: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)]


class BasicBlock(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.conv1, self.bn1 = conv_bn(channels, channels, 3)
        self.conv2, self.bn2 = conv_bn(channels, channels, 3)

    def forward(self, x):
        y = torch.relu_(self.bn1(self.conv1(x)))
        return torch.relu_(self.bn2(self.conv2(y)) + x)


class Bottleneck(nn.Module):
    def __init__(self, inputs: int, planes: int):
        super().__init__()
        self.conv1, self.bn1 = conv_bn(inputs, planes, 1)
        self.conv2, self.bn2 = conv_bn(planes, planes, 3)
        self.conv3, self.bn3 = conv_bn(planes, 4 * planes, 1)
        self.downsample = nn.Sequential(*conv_bn(inputs, 4 * planes, 1)) if inputs != 4 * planes else None

    def forward(self, x):
        y = torch.relu_(self.bn1(self.conv1(x)))
        y = torch.relu_(self.bn2(self.conv2(y)))
        shortcut = x if self.downsample is None else self.downsample(x)
        return torch.relu_(self.bn3(self.conv3(y)) + shortcut)


class Module(nn.Module):
    """Branches of basic blocks, then every output is the sum of all branches brought to its resolution."""

    def __init__(self, channels: list[int], blocks: int, outputs: int):
        super().__init__()
        self.branches = nn.ModuleList(nn.Sequential(*(BasicBlock(c) for _ in range(blocks))) for c in channels)
        self.fuse_layers = nn.ModuleList(
            nn.ModuleList(self._fuse(channels, i, j) for j in range(len(channels))) for i in range(outputs))

    @staticmethod
    def _fuse(channels: list[int], i: int, j: int) -> nn.Module:
        if j == i:
            return nn.Identity()
        if j > i:
            return nn.Sequential(*conv_bn(channels[j], channels[i], 1), nn.Upsample(scale_factor=2 ** (j - i)))
        steps = []
        for k in range(i - j):
            last = k == i - j - 1
            layers = conv_bn(channels[j], channels[i] if last else channels[j], 3, 2)
            steps.append(nn.Sequential(*layers, *([] if last else [nn.ReLU()])))
        return nn.Sequential(*steps)

    def forward(self, xs):
        xs = [branch(x) for branch, x in zip(self.branches, xs)]
        return [torch.relu_(sum(f(x) for f, x in zip(row, xs))) for row in self.fuse_layers]


class HRNet(nn.Module):
    """[n, 3, h, w] normalised RGB -> heatmaps [n, joints, h / 4, w / 4]; h and w multiples of 32."""

    def __init__(self, joints: int = 17, **sizes):
        super().__init__()
        s = {**DEFAULTS, **sizes}
        c = s["width"]
        self.conv1, self.bn1 = conv_bn(3, s["stem"], 3, 2)
        self.conv2, self.bn2 = conv_bn(s["stem"], s["stem"], 3, 2)
        out = 4 * s["layer1_planes"]
        self.layer1 = nn.Sequential(
            *(Bottleneck(s["stem"] if i == 0 else out, s["layer1_planes"]) for i in range(s["layer1_blocks"])))
        relu = nn.ReLU()
        self.transition1 = nn.ModuleList([nn.Sequential(*conv_bn(out, c, 3), relu),
                                          nn.Sequential(nn.Sequential(*conv_bn(out, 2 * c, 3, 2), relu))])
        for stage in (3, 4):
            new = nn.Sequential(nn.Sequential(*conv_bn(c << (stage - 2), c << (stage - 1), 3, 2), relu))
            setattr(self, f"transition{stage - 1}", nn.ModuleList([nn.Identity()] * (stage - 1) + [new]))
        for stage, modules in zip((2, 3, 4), s["modules"]):
            channels = [c << b for b in range(stage)]
            setattr(self, f"stage{stage}", nn.ModuleList(
                Module(channels, s["blocks"], 1 if stage == 4 and m == modules - 1 else stage)
                for m in range(modules)))
        self.final_layer = nn.Conv2d(c, joints, 1)
        self._initialise()

    def _initialise(self) -> None:
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
        for m in self.modules():  # residual branches start as nothing: a short schedule trains faster
            if isinstance(m, BasicBlock):
                nn.init.zeros_(m.bn2.weight)
            if isinstance(m, Bottleneck):
                nn.init.zeros_(m.bn3.weight)
        nn.init.normal_(self.final_layer.weight, std=0.001)
        nn.init.zeros_(self.final_layer.bias)

    def forward(self, x):
        x = torch.relu_(self.bn1(self.conv1(x)))
        x = torch.relu_(self.bn2(self.conv2(x)))
        x = self.layer1(x)
        xs = [t(x) for t in self.transition1]
        for module in self.stage2:
            xs = module(xs)
        for stage, transition in ((self.stage3, self.transition2), (self.stage4, self.transition3)):
            xs = xs + [transition[-1](xs[-1])]
            for module in stage:
                xs = module(xs)
        return self.final_layer(xs[0])
