#!/usr/bin/env python3
"""Times the same networks, with the same weights by formula, in pose's engines and in others.

    pip install onnx onnxruntime openvino numpy        (torch as well, if it is to be compared)
    cmake --preset bench && cmake --build --preset bench
    tests/bench/peers.py build/bench [CARD[:BATCH] ...] [--threads N] [--rounds N] [--json]

Every engine gets the same ONNX file, made here from our graph. Outputs are compared before anything is timed, and all
engines run in turns, so that other work on the machine meets all alike. Figures are medians in milliseconds per item.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

DEFAULT = ["hrnet-w32-256x192:4", "hrnet-w32-256x192:1", "fastpose-se101-duc:4", "yolov3-spp:1",
           "pose-small-256x192:1", "person-small:1"]


class OnnxBuilder:
    """Our graph, as peer_network writes it, as an ONNX model of opset 13."""

    def __init__(self, folder, batch):
        with open(f"{folder}/network.json") as f:
            self.graph = json.load(f)
        self.numbers = np.fromfile(f"{folder}/network.f32", dtype=np.float32)
        self.batch = batch
        self.nodes, self.initializers, self.names = [], [], []

    def blob(self, place):
        count = int(np.prod(place["shape"]))
        return self.numbers[place["offset"]:place["offset"] + count].reshape(place["shape"])

    def constant(self, values, dtype=None):
        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.array(values, dtype=dtype), name))
        return name

    def add(self, op, inputs, **attributes):
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name

    def activate(self, x, kind):
        if kind == 1:
            return self.add("Relu", [x])
        if kind == 2:
            return self.add("LeakyRelu", [x], alpha=0.1)
        if kind == 3:
            return self.add("Clip", [x, self.constant(0, np.float32), self.constant(6, np.float32)])
        if kind == 4:
            return self.add("Sigmoid", [x])
        if kind == 5:
            return self.add("Mul", [x, self.add("Tanh", [self.add("Softplus", [x])])])
        if kind == 6:
            return self.add("Mul", [x, self.add("Sigmoid", [x])])
        return x

    def convert(self, node):
        x = [self.names[i] for i in node["inputs"]]
        values = [self.blob(p) for p in node["params"]]
        op, kernel, pad, end = node["op"], node["kernel"], node["pad"], node["pad_end"]
        window = {"kernel_shape": [kernel] * 2, "strides": [node["stride"]] * 2}
        if op == "conv":
            return self.add("Conv", x + [self.constant(v) for v in values], group=node["groups"],
                            pads=[pad] * 4, **window)
        if op == "conv_transpose":
            return self.add("ConvTranspose", x + [self.constant(v) for v in values], group=node["groups"],
                            pads=[pad] * 4, output_padding=[node["output_pad"]] * 2, **window)
        if op == "linear":
            flat = self.add("Flatten", x)
            out = self.add("Gemm", [flat] + [self.constant(v) for v in values], transB=1)
            return self.add("Reshape", [out, self.constant([self.batch, -1, 1, 1], np.int64)])
        if op == "batch_norm":
            return self.add("BatchNormalization", x + [self.constant(v) for v in values], epsilon=node["eps"])
        if op == "add":
            out = x[0]
            for other in x[1:]:
                out = self.add("Add", [out, other])
            return out
        if op == "concat":
            return self.add("Concat", x, axis=1)
        if op == "slice":
            begin = node["slice_begin"]
            return self.add("Slice", x + [self.constant([v], np.int64) for v in (begin, begin + node["shape"][0], 1)])
        if op == "max_pool":
            if node["pad_with_zeros"] and (pad or end):
                pads = self.constant([0, 0, pad, pad, 0, 0, end, end], np.int64)
                return self.add("MaxPool", [self.add("Pad", x + [pads])], **window)
            return self.add("MaxPool", x, pads=[pad, pad, end, end], **window)
        if op == "avg_pool":
            return self.add("AveragePool", x, **window)
        if op == "global_avg_pool":
            return self.add("GlobalAveragePool", x)
        if op == "upsample":
            sizes = self.constant([self.batch] + node["shape"], np.int64)
            mode = {0: ("nearest", "asymmetric"), 1: ("linear", "half_pixel"), 2: ("linear", "align_corners")}
            name, coordinates = mode[node["interpolation"]]
            return self.add("Resize", x + ["", "", sizes], mode=name, nearest_mode="floor",
                            coordinate_transformation_mode=coordinates)
        if op == "pixel_shuffle":
            return self.add("DepthToSpace", x, blocksize=2, mode="CRD")
        if op == "scale_channels":
            return self.add("Mul", x)
        if op == "activation":
            return x[0]
        raise SystemExit(f"peers.py: no ONNX for '{op}'")

    def model(self):
        shape = self.graph["input"]["shape"]
        for i, node in enumerate(self.graph["nodes"]):
            name = "input" if i == 0 else self.activate(self.convert(node), node["activation"])
            self.names.append(name)
        outputs = []
        for k, (node, result) in enumerate(zip(self.graph["outputs"], self.graph["results"])):
            self.nodes.append(helper.make_node("Identity", [self.names[node]], [f"output{k}"]))
            outputs.append(helper.make_tensor_value_info(f"output{k}", TensorProto.FLOAT, result["shape"]))
        inputs = [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)]
        graph = helper.make_graph(self.nodes, "network", inputs, outputs, self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
        model.ir_version = 8
        return model


class Ours:
    """One of our engines, in a process of its own that waits between runs."""

    def __init__(self, program, card, batch, threads, engine, folder=""):
        environment = dict(os.environ, OMP_WAIT_POLICY="passive")
        self.process = subprocess.Popen([program, card, str(batch), str(threads), engine] + ([folder] if folder else []),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit(f"peers.py: engine {engine} does not run {card}")

    def run(self, _):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Peer:
    """A network in another engine: `call(input)` gives its outputs."""

    def __init__(self, call):
        self.call = call

    def run(self, batch):
        begin = time.perf_counter()
        self.call(batch)
        return (time.perf_counter() - begin) * 1e3

    def close(self):
        pass


def onnx_runtime(path, threads):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return Peer(lambda x: session.run(None, {"input": x}))


def openvino(path, threads, precision):
    import openvino as ov
    compiled = ov.Core().compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
                                                    "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision})
    request = compiled.create_infer_request()

    def call(x):
        request.infer({0: x}, share_inputs=True)
        return [request.get_output_tensor(k).data for k in range(len(compiled.outputs))]
    return Peer(call)


def check(name, expected, got, tolerance):
    for k, (a, b) in enumerate(zip(expected, got)):
        error = float(np.abs(a - b).max() / a.std())
        if not error < tolerance:
            raise SystemExit(f"peers.py: {name}, output {k}: {error:.2g} standard deviations from ours")


def has_bf16():
    with open("/proc/cpuinfo") as f:
        return "avx512_bf16" in f.read()


def compare(program, card, batch, threads, rounds):
    with tempfile.TemporaryDirectory() as folder:
        engines = {"ours": Ours(program, card, batch, threads, "cpu", folder),
                   "LibTorch": Ours(program, card, batch, threads, "torch")}
        builder = OnnxBuilder(folder, batch)
        path = f"{folder}/network.onnx"
        onnx.save(builder.model(), path)
        x = builder.blob(builder.graph["input"]).copy()
        expected = [builder.blob(r) for r in builder.graph["results"]]
        peers = {"ONNX Runtime": onnx_runtime(path, threads), "OpenVINO": openvino(path, threads, "f32")}
        if has_bf16():
            peers["OpenVINO bf16"] = openvino(path, threads, "bf16")
        for name, peer in peers.items():
            check(name, expected, peer.call(x), 1.0 if "bf16" in name else 1e-3)
        engines.update(peers)
        times = {name: [] for name in engines}
        for _ in range(rounds + 1):
            for name, engine in engines.items():
                times[name].append(engine.run(x) / batch)
        for engine in engines.values():
            engine.close()
        return {name: statistics.median(values[1:]) for name, values in times.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", help="folder of the build")
    parser.add_argument("cards", nargs="*", help="CARD[:BATCH]")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    program = f"{arguments.build}/tests/bench/peer_network"
    for row in arguments.cards or DEFAULT:
        card, _, batch = row.partition(":")
        batch = int(batch or 1)
        medians = compare(program, card, batch, arguments.threads, arguments.rounds)
        best = min(v for k, v in medians.items() if k not in ("ours", "LibTorch") and "bf16" not in k)
        result = {"card": card, "batch": batch, "threads": arguments.threads, "ms": medians,
                  "ratio_to_best": medians["ours"] / best, "ratio_to_openvino": medians["ours"] / medians["OpenVINO"]}
        if arguments.json:
            print(json.dumps(result), flush=True)
        else:
            figures = "  ".join(f"{k} {v:.1f}" for k, v in medians.items())
            print(f"{card} batch {batch} threads {arguments.threads}: {figures}  ours/OpenVINO "
                  f"{result['ratio_to_openvino']:.2f}  ours/best {result['ratio_to_best']:.2f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
