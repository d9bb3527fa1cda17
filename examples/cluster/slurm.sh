#!/usr/bin/env bash
# The shards as an array job, the merge as a job that waits for all of them:
#   PHOTOS=/data/photos RESULTS=/data/results SHARDS=800 examples/cluster/slurm.sh [pose options ...]
# Called again after failures, it goes on with what there is.
#SBATCH --job-name=pose --cpus-per-task=1 --requeue --open-mode=append
export PHOTOS=${PHOTOS:-photos} RESULTS=${RESULTS:-results} SHARDS=${SHARDS:-8}

if [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
  set -e
  mkdir -p "$RESULTS/logs"
  array=$(sbatch --parsable --array="1-$SHARDS" --output="$RESULTS/logs/%a.txt" "$0" "$@")
  # shellcheck disable=SC2016  # its shell expands them
  sbatch --dependency="afterok:$array" --job-name=pose-merge --output="$RESULTS/logs/merge.txt" \
    --wrap 'pose merge "$RESULTS" "$RESULTS"/part*'
  exit
fi

pose --indir "$PHOTOS" --shard auto --outdir "$RESULTS/part$SLURM_ARRAY_TASK_ID" --resume --quiet "$@"
status=$?
[ $status -ne 3 ] || exit 0  # some photos cannot be read: run.json names them, trying again does not help
# Slurm requeues by itself when a node dies; what dies alone is sent back here, three times at most.
[ $status -eq 0 ] || [ "${SLURM_RESTART_COUNT:-0}" -ge 3 ] ||
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
exit $status
