"""Networks to learn from: their answers to a batch, and the loss of a student's features against theirs."""
from __future__ import annotations

import numpy as np
import openvino
import torch

from darknet import Darknet, read_weights


class Teacher:
    """A frozen network that answers a batch [n, 3, h, w] f32 with its outputs. Runs through OpenVINO, in bf16 where the
    processor has it: half the time of onnxruntime or PyTorch."""

    def __init__(self, network: openvino.Model):
        self.request = openvino.Core().compile_model(network, "CPU", {
            "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": torch.get_num_threads()}).create_infer_request()
        self.outputs = len(network.outputs)

    def __call__(self, x: np.ndarray) -> list[torch.Tensor]:
        self.request.infer({0: x})
        return [torch.from_numpy(self.request.get_output_tensor(i).data.astype(np.float32)) for i in range(self.outputs)]


def pose_teacher(path: str, features: list[str]) -> Teacher:
    """Heatmaps and the named tensors of an ONNX file."""
    network = openvino.Core().read_model(path)
    network.add_outputs(features)
    return Teacher(network)


class _Outputs(torch.nn.Module):
    def __init__(self, network: Darknet):
        super().__init__()
        self.network = network

    def forward(self, x):
        heads, features = self.network.run(x)
        return *heads, *features


def detection_teacher(cfg: str, weights: str) -> tuple[Teacher, Darknet]:
    """The heads of a Darknet detector, then the features before them; and the detector itself."""
    network = Darknet(cfg)
    read_weights(network, weights)
    with torch.no_grad():
        traced = torch.jit.trace(_Outputs(network.eval()), torch.zeros(1, 3, 64, 64))
    return Teacher(openvino.convert_model(traced, input=[-1, 3, -1, -1])), network


class Hints(torch.nn.Module):
    """Loss of a student's features against a teacher's (FitNets, Romero et al., 2015), each through a linear map of its
    own. Features count by their own deviation; cells where the teacher sees something (`seen` [n, 1, h, w], 0..1) count
    five times."""

    def __init__(self, widths: list[int], goals: list[int]):
        super().__init__()
        self.maps = torch.nn.ModuleList(torch.nn.Conv2d(i, o, 1) for i, o in zip(widths, goals, strict=True))
        self.scales = torch.nn.ModuleList(torch.nn.BatchNorm2d(o, affine=False) for o in goals)

    def forward(self, features, goals, seen):
        loss = 0.0
        for feature, goal, sees, mapped, scale in zip(features, goals, seen, self.maps, self.scales, strict=True):
            error = (mapped(feature).float() - scale(goal)).square().mean(1, keepdim=True)
            loss = loss + (error * (1 + 4 * sees)).sum() / (1 + 4 * sees).sum()
        return loss / len(self.maps)
