"""Writes what a checkpoint of train_pose.py or train_detector.py learnt as a file that pose reads: fp16 safetensors for
the pose network, Darknet .weights for the detector. Prints the size and sha256 for the model card."""
from __future__ import annotations

import argparse
import hashlib
import json
import os
import struct

import torch

from darknet import Darknet, write_weights


def write_safetensors(tensors: dict[str, torch.Tensor], path: str) -> None:
    """Little-endian fp16, tensors in the order of their names; header as the format wants it, 8-byte aligned."""
    header, data = {}, b""
    for name in sorted(tensors):
        if name.endswith("num_batches_tracked"):
            continue
        raw = tensors[name].detach().cpu().half().numpy().tobytes()
        header[name] = dict(dtype="F16", shape=list(tensors[name].shape), data_offsets=[len(data), len(data) + len(raw)])
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


def read_safetensors(path: str) -> dict[str, torch.Tensor]:
    """The fp16 tensors of `write_safetensors` as f32."""
    content = open(path, "rb").read()
    (size,) = struct.unpack("<Q", content[:8])
    body = content[8 + size:]
    return {name: torch.frombuffer(bytearray(body[slice(*t["data_offsets"])]), dtype=torch.float16).reshape(t["shape"]).float()
            for name, t in json.loads(content[8:8 + size]).items()}


@torch.no_grad()
def mix_in_lesson(network: Darknet, learning: dict[str, torch.Tensor], share: float) -> None:
    """Objectness mixed with what the features before it tell of the teacher's logit of a person (lesson_of in
    train_detector.py). Both are linear maps of the same features, so that the mixture is one again and costs nothing."""
    heads = [layer[0] for layer in network.layers if isinstance(layer, torch.nn.Sequential) and len(layer) == 1]
    for i, (head, anchors) in enumerate(zip(heads, network.anchors), len(heads)):
        weight, bias = (learning[f"hints.maps.{i}.{name}"] for name in ("weight", "bias"))
        mean, variance = (learning[f"hints.scales.{i}.running_{name}"] for name in ("mean", "var"))
        unit = (variance + 1e-5).sqrt()
        person = torch.arange(len(anchors)) * (len(mean) // len(anchors)) + 5
        objectness = torch.arange(len(anchors)) * 6 + 4
        head.weight[objectness] = head.weight[objectness].lerp((weight * unit.view(-1, 1, 1, 1))[person], share)
        head.bias[objectness] = head.bias[objectness].lerp((bias * unit + mean)[person], share)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("output", help=".safetensors for the pose network, .weights for the detector")
    parser.add_argument("--cfg", default=os.path.join(os.path.dirname(__file__), "../../models/person-small.cfg"))
    parser.add_argument("--lesson_share", type=float, default=0, help="of the teacher's view of people in the objectness")
    args = parser.parse_args()
    saved = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
    state = saved["ema"]
    if args.output.endswith(".weights"):
        network = Darknet(args.cfg)
        network.load_state_dict(state)
        if args.lesson_share:
            mix_in_lesson(network, saved["learning"], args.lesson_share)
        write_weights(network, args.output)
    else:
        write_safetensors(state, args.output)
    content = open(args.output, "rb").read()
    print(f'"bytes": {len(content)},\n"sha256": "{hashlib.sha256(content).hexdigest()}"')


if __name__ == "__main__":
    main()
