"""The shards as tasks of Ray, on the cluster of RAY_ADDRESS or on this machine, then the merge:

PHOTOS=/data/photos RESULTS=/data/results SHARDS=800 python3 examples/cluster/ray_shards.py [pose options ...]
"""
import os
import subprocess
import sys

import ray

PHOTOS = os.path.abspath(os.environ.get("PHOTOS", "photos"))
RESULTS = os.path.abspath(os.environ.get("RESULTS", "results"))
SHARDS = int(os.environ.get("SHARDS", "8"))
OPTIONS = sys.argv[1:]


@ray.remote(num_cpus=1, max_retries=3, retry_exceptions=[subprocess.CalledProcessError])
def shard(number):
    part = f"{RESULTS}/part{number}"
    command = ["pose", "--indir", PHOTOS, "--shard", f"{number}/{SHARDS}", "--outdir", part]
    done = subprocess.run([*command, "--resume", "--quiet", "--threads", "1", *OPTIONS])
    if done.returncode != 3:  # some photos cannot be read: run.json names them, trying again does not help
        done.check_returncode()
    return part


ray.init()
parts = ray.get([shard.remote(number) for number in range(1, SHARDS + 1)])
sys.exit(subprocess.run(["pose", "merge", RESULTS, *parts]).returncode)
