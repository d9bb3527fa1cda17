#!/usr/bin/env bash
# Runs examples/cluster with real engines, each on 64 photos in 8 shards; kills one shard's process halfway; and compares
# what comes out with one run, byte for byte.
#   POSE=build/release/bin/pose scripts/test_cluster.sh [--measure] [slurm] [parallel] [snakemake] [ray] [kubernetes]
# Needs what it tries: Debian's slurm-wlm (with munge), parallel, snakemake; ray and kubernetes-validate from PyPI, found
# through PATH. An engine that is not there is skipped. Slurm and Ray are started here, on 127.0.0.1, and ended. Kubernetes
# is not: its manifest is held against the schema, and its commands are run by hand.
# --measure kills nothing, and writes seconds with 1 and 2 workers.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
pose=$(realpath "${POSE:-build/release/bin/pose}")
[ -x "$pose" ] || { echo "$pose is missing: build it, or set POSE" >&2; exit 2; }
measure=
[ "${1:-}" != --measure ] || { measure=1 && shift; }
engines=("$@")
[ $# -gt 0 ] || engines=(slurm parallel snakemake ray kubernetes)

examples=$PWD/examples/cluster work=$(mktemp -d) daemons=() passed=0 failed=0 skipped=0
export SHARDS=8 PHOTOS=$work/photos RAY_USAGE_STATS_ENABLED=0
victim=7  # the shard that is killed, the largest

end_daemons() {  # the last first; each leads a process group of its own
  local at
  for ((at = ${#daemons[@]} - 1; at >= 0; at--)); do
    kill -TERM -- "-${daemons[at]}" 2> /dev/null
    for _ in {1..50}; do kill -0 -- "-${daemons[at]}" 2> /dev/null || break; sleep 0.1; done
    kill -KILL -- "-${daemons[at]}" 2> /dev/null
  done
  daemons=()
}
trap 'end_daemons; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

daemon() {  # LOG COMMAND ...
  setsid "${@:2}" > "$1" 2>&1 < /dev/null &
  daemons+=($!)
}

wait_for() {  # SECONDS COMMAND ...
  local end=$((SECONDS + $1))
  until "${@:2}" > /dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "waited $1 s for: ${*:2}"; return 1; }
    sleep 0.05
  done
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# --- one engine each: there_ENGINE; start_ENGINE WORKERS; run_ENGINE WORKERS, with RESULTS ---

there_slurm() { [ "$(id -u)" -eq 0 ] && type slurmctld slurmd munged sbatch > /dev/null 2>&1; }
start_slurm() {
  local at=$work/slurm-daemons host
  host=$(hostname -s)
  rm -rf "$at" && mkdir "$at" && chmod 711 "$at" && head -c 1024 /dev/urandom > "$at/key" && chmod 400 "$at/key"
  export SLURM_CONF=$at/slurm.conf
  cat > "$SLURM_CONF" << CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=root
AuthInfo=socket=$at/munge.socket,cred_expire=5
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=kill_invalid_depend,sched_interval=1,sched_min_interval=0
SlurmdParameters=config_overrides
StateSaveLocation=$at/state
SlurmdSpoolDir=$at/spool
SlurmctldPidFile=$at/slurmctld.pid
SlurmdPidFile=$at/slurmd.pid
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$1 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=10 State=UP
CONF
  daemon "$at/munged.txt" munged --foreground --force --socket="$at/munge.socket" --key-file="$at/key" \
    --pid-file="$at/munged.pid" --log-file="$at/munged.log" --seed-file="$at/seed"
  wait_for 10 test -S "$at/munge.socket" || return 1
  daemon "$at/slurmctld.txt" slurmctld -D -f "$SLURM_CONF"
  daemon "$at/slurmd.txt" slurmd -D -f "$SLURM_CONF"
  wait_for 60 eval 'sinfo -h -o %t | grep -qx idle' || { tail "$at"/*.txt; return 1; }
}
slurm_is_done() { local jobs; jobs=$(squeue -h) && [ -z "$jobs" ]; }
run_slurm() {
  "$examples/slurm.sh" --threads 1 || return 1
  wait_for 180 slurm_is_done || { squeue; scancel --user=root; wait_for 20 slurm_is_done; }
  tail "$RESULTS"/logs/*
}

there_parallel() { command -v parallel > /dev/null; }
start_parallel() { :; }
run_parallel() {
  WORKERS=$1 "$examples/parallel.sh" && return "$killing"  # with a shard killed it must fail; a second call goes on
  WORKERS=$1 "$examples/parallel.sh"
}

there_snakemake() { command -v snakemake > /dev/null; }
start_snakemake() { :; }
run_snakemake() {
  snakemake -s "$examples/Snakefile" --directory "$work" --cores "$1" \
    --config photos="$PHOTOS" results="$RESULTS" shards="$SHARDS"
}

there_ray() { python3 -c 'import ray' 2> /dev/null; }
start_ray() {
  RAY_ADDRESS=127.0.0.1:$(free_port)
  export RAY_ADDRESS
  daemon "$work/ray.txt" ray start --head --block --node-ip-address=127.0.0.1 --port="${RAY_ADDRESS#*:}" --num-cpus="$1" \
    --include-dashboard=false --temp-dir="$work/ray" --object-store-memory=100000000 --disable-usage-stats
  wait_for 120 ray status || { cat "$work/ray.txt"; return 1; }
}
run_ray() { python3 "$examples/ray_shards.py"; }

there_kubernetes() { python3 -c 'import kubernetes_validate' 2> /dev/null; }
start_kubernetes() { kubernetes-validate --strict "$examples/kubernetes.yaml"; }
run_kubernetes() {  # the commands of the two jobs; what failed is tried again, as Kubernetes does
  mkdir -p "$RESULTS" && ln -s "$PHOTOS" "$RESULTS/photos" && ln -s . "$RESULTS/results" || return 1
  python3 - "$examples/kubernetes.yaml" "$RESULTS" "$SHARDS" "$1" << 'PYTHON'
import concurrent.futures, os, subprocess, sys, yaml
shards, merge = (job["spec"] for job in yaml.safe_load_all(open(sys.argv[1])))
count = shards["completions"]
assert count == int(sys.argv[3]), count
def run(job, index=None):
    [container] = job["template"]["spec"]["containers"]
    environment = {**os.environ, **{one["name"]: one["value"] for one in container.get("env", [])}}
    if index is not None:
        environment["JOB_COMPLETION_INDEX"] = str(index)
    command = container["command"] + container["args"]
    tries = 1 + job.get("backoffLimitPerIndex", 0)
    return any(subprocess.run(command, cwd=sys.argv[2], env=environment).returncode == 0 for _ in range(tries))
with concurrent.futures.ThreadPoolExecutor(int(sys.argv[4])) as pool:
    done = all(pool.map(lambda index: run(shards, index), range(count)))
sys.exit(not (done and run(merge)))
PYTHON
}

# --- what is the same for all ---

kill_halfway() {  # VICTIM: waits until some of its photos are done
  local part=$RESULTS/part$1 lines=0
  for ((tries = 0; tries < 20000 && lines < 4; tries++)); do
    lines=$(grep -c '' "$part/journal.partial.jsonl" 2> /dev/null)
    sleep 0.002
  done
  kill -KILL "$(sed -n "s|^\([0-9]*\) .*/\{0,1\}part$1 .*|\1|p" "$RESULTS.calls" | head -n 1)" || return 1
  [ ! -e "$part/journal.jsonl" ] && sed -n 2,4p "$part/journal.partial.jsonl" > "$RESULTS.killed"
}

same_run() {  # A B: run.json of both, apart from times and folders
  python3 - "$1" "$2" << 'PYTHON'
import json, sys
def plain(value):
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if key not in ("seconds", "outdir", "indir")}
    return [plain(one) for one in value] if isinstance(value, list) else value
a, b = (plain(json.load(open(path))) for path in sys.argv[1:])
different = [key for key in {**a, **b} if a.get(key) != b.get(key)]
sys.exit("run.json differs in: " + ", ".join(different) if different else 0)
PYTHON
}

shard_calls() { grep -c -- "--shard" "$RESULTS.calls"; }

is_right() {  # VICTIM
  local journal=$RESULTS/part$1/journal.jsonl
  if [ "$killing" = 1 ]; then  # what was done before is there, and was not done again
    [ "$(grep -Fxc -f "$RESULTS.killed" "$journal")" = 3 ] || { echo "not killed halfway, or lost"; return 1; }
    [ -z "$(cut -d, -f1 "$journal" | sort | uniq -d)" ] || { echo "photos were done twice"; return 1; }
  fi
  [ "$(shard_calls)" -eq $((SHARDS + killing)) ] || { echo "$(shard_calls) runs of $SHARDS shards"; return 1; }
  cmp "$RESULTS/alphapose-results.json" "$work/whole/alphapose-results.json" &&
    same_run "$RESULTS/run.json" "$work/whole/run.json"
}

try() {  # ENGINE WORKERS; killing is 1 or 0
  local engine=$1 workers=$2 begin started ended killer=
  export RESULTS=$work/$engine-$workers
  begin=$EPOCHREALTIME
  "start_$engine" "$workers" || { end_daemons; return 1; }
  started=$EPOCHREALTIME
  [ "$killing" = 0 ] || { kill_halfway "$3" & killer=$!; }
  "run_$engine" "$workers" || { [ -z "$killer" ] || kill "$killer" 2> /dev/null; end_daemons; return 1; }
  ended=$EPOCHREALTIME
  [ -z "$killer" ] || wait "$killer"
  end_daemons
  is_right "$3" || return 1
  awk -v begin="$begin" -v started="$started" -v ended="$ended" -v call="$(head -n 1 "$RESULTS.calls")" 'BEGIN {
    split(call, word, " ")
    printf "engine up %.1f s, first shard after %.1f s, all after %.1f s\n", started - begin, word[2] - started, ended - started
  }'
}

check() {  # ENGINE WORKERS VICTIM
  if ! "there_$1"; then
    skipped=$((skipped + 1)) && echo "not tried  $1: not installed here"
  elif try "$@" > "$work/log" 2>&1; then
    passed=$((passed + 1)) && echo "ok      $1, workers: $2: $(tail -n 1 "$work/log")"
  else
    failed=$((failed + 1)) && echo "FAILED  $1, workers: $2" && tail -n 60 "$work/log"
  fi
}

mkdir -p "$work/bin" "$PHOTOS"
cat > "$work/bin/pose" << WRAPPER
#!/usr/bin/env bash
echo "\$\$ \$EPOCHREALTIME \$* " >> "\${RESULTS:-none}.calls"
exec "$pose" "\$@"
WRAPPER
chmod +x "$work/bin/pose"
export PATH=$work/bin:$PATH:/usr/sbin
kinds=(astronaut cameraman crew)
for number in {01..64}; do cp "examples/photos/${kinds[10#$number % 3]}.jpg" "$PHOTOS/photo$number.jpg"; done
begin=$EPOCHREALTIME
"$pose" --indir "$PHOTOS" --outdir "$work/whole" --threads 1 --quiet || exit 1
echo "one run without an engine: $(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $begin }") s"

if [ -n "$measure" ]; then
  killing=0
  for engine in "${engines[@]}"; do for workers in 1 2; do check "$engine" "$workers" ""; done; done
else
  killing=1
  for engine in "${engines[@]}"; do
    part=$victim
    [ "$engine" != kubernetes ] || part=$((victim - 1))  # its indices begin with 0
    check "$engine" 2 "$part"
  done
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
