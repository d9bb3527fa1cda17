"""Files written by PyTorch itself give, through `pose convert`, the same tensors bit for bit.
   torch_round_trip.py POSE        exit code 77: no PyTorch here"""
import json
import struct
import subprocess
import sys
import tempfile

try:
    import torch
except ImportError:
    sys.exit(77)

DTYPES = {"F32": torch.float32, "F64": torch.float64, "F16": torch.float16, "BF16": torch.bfloat16,
          "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8,
          "BOOL": torch.bool}


def read_safetensors(path):
    data = open(path, "rb").read()
    (size,) = struct.unpack("<Q", data[:8])
    header, body = json.loads(data[8:8 + size]), data[8 + size:]
    header.pop("__metadata__", None)
    return {name: torch.frombuffer(bytearray(body[slice(*t["data_offsets"])] or b"\0" * 8), dtype=DTYPES[t["dtype"]])
            [:torch.Size(t["shape"]).numel()].reshape(t["shape"]) for name, t in header.items()}


def same(a, b):
    """Bit for bit: NaNs count too."""
    return a.dtype == b.dtype and a.shape == b.shape and \
        a.contiguous().view(-1).view(torch.uint8).equal(b.contiguous().view(-1).view(torch.uint8))


def samples():
    torch.manual_seed(1)
    base = torch.randn(6, 5, 4)
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.Linear(8, 4))
    views = {"whole": base, "transposed": base.transpose(0, 2), "part": base[1:4, ::2], "row": base[2, 3],
             "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3), "expanded": torch.randn(1, 4).expand(3, 4)}
    types = {str(d): (torch.randn(3, 7) * 50).to(d) for d in DTYPES.values()}
    types["not a number"] = torch.tensor([float("nan"), float("inf"), -0.0])
    yield "state dict", model.state_dict(), model.state_dict()
    yield "views", views, views
    yield "types", types, types
    yield "nested", {"epoch": 3, "state_dict": {"module." + k: v for k, v in model.state_dict().items()}}, \
        {"module." + k: v for k, v in model.state_dict().items()}
    yield "parameters", dict(model.named_parameters()), {k: v.detach() for k, v in model.named_parameters()}
    yield "channels last", {"w": torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)}, None


def main():
    pose, failed, checked = sys.argv[1], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for name, saved, expected in samples():
            for zipped in (True, False):
                source, target = f"{folder}/in", f"{folder}/out.safetensors"
                torch.save(saved, source, _use_new_zipfile_serialization=zipped)
                subprocess.run([pose, "convert", source, target], check=True, stdout=subprocess.DEVNULL)
                found, wanted = read_safetensors(target), saved if expected is None else expected
                good = found.keys() == wanted.keys() and all(
                    same(found[k], wanted[k]) for k in wanted)
                checked += 1
                if not good:
                    failed += 1
                    print("FAILED:", name, "zip" if zipped else "legacy")
    print(checked, "files of PyTorch", torch.__version__, "read back")
    sys.exit(failed > 0)


main()
