"""A single residual hourglass, every size a parameter (the same names as in our model cards).

Residual blocks on the way down, nearest-neighbour upsampling with the skip added on the way up (Newell et al., 2016),
strides 4 to 32. On two CPU cores it runs in about half the time of an HRNet of the same multiply-adds: wide layers at
coarse strides keep the matrix units busy where HRNet's many thin branches wait for memory."""
from __future__ import annotations

import torch
from torch import nn

DEFAULTS = dict(stem=24, channels=(32, 64, 128, 192), blocks=(1, 1, 2, 2))


def conv_bn(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """Two 3x3 convolutions and a skip."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1, self.conv2 = conv_bn(channels, channels, 3), conv_bn(channels, channels, 3)
        nn.init.zeros_(self.conv2[1].weight)  # starts as identity: a short schedule trains faster

    def forward(self, x):
        return torch.relu_(self.conv2(torch.relu_(self.conv1(x))) + x)


class Hourglass(nn.Module):
    """[n, 3, h, w] normalised RGB -> heatmaps [n, joints, h / 4, w / 4]; h and w multiples of 32."""

    def __init__(self, joints: int = 17, **sizes):
        super().__init__()
        s = {**DEFAULTS, **sizes}
        channels = s["channels"]
        self.stem = conv_bn(3, s["stem"], 3, 2)
        inputs = [s["stem"], *channels[:-1]]
        self.down = nn.ModuleList(conv_bn(i, o, 3, 2) for i, o in zip(inputs, channels))
        self.encode = nn.ModuleList(
            nn.Sequential(*(Block(c) for _ in range(n))) for c, n in zip(channels, s["blocks"]))
        self.up = nn.ModuleList(conv_bn(deep, c, 1) for c, deep in zip(channels, channels[1:]))
        self.decode = nn.ModuleList(Block(c) for c in channels[:-1])
        self.head = nn.Conv2d(channels[0], joints, 1)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
        nn.init.normal_(self.head.weight, std=0.001)
        nn.init.zeros_(self.head.bias)

    def grow_from(self, smaller: Hourglass) -> None:
        """Takes over what a network with fewer blocks says: the blocks that it lacks are identities at first."""
        result = self.load_state_dict(smaller.state_dict(), strict=False)
        if result.unexpected_keys or any(not k.startswith("encode.") for k in result.missing_keys):
            raise ValueError(f"not a smaller hourglass of the same channels: {result}")

    def feature_widths(self) -> list[int]:
        """Channels of what `run` returns."""
        return [self.encode[-1][-1].conv2[0].out_channels, *(d.conv2[0].out_channels for d in reversed(self.decode))]

    def forward(self, x):
        return self.run(x)[0]

    def run(self, x):
        """Heatmaps, and the features of the way up, stride 32 first."""
        x = torch.relu_(self.stem(x))
        skips = []
        for down, encode in zip(self.down, self.encode):
            x = encode(torch.relu_(down(x)))
            skips.append(x)
        features = [x]
        for i in reversed(range(len(self.up))):
            x = torch.relu_(nn.functional.interpolate(self.up[i](x), scale_factor=2) + skips[i])
            x = self.decode[i](x)
            features.append(x)
        return self.head(x), features
