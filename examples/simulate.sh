#!/bin/bash
# Simulates step by step, and keeps how far it has come: a step of checkpoint-chain.vigil.yaml.
#SBATCH --job-name=simulate
#SBATCH --output=simulate-%j.out
#SBATCH --time=00:00:05
#SBATCH --mem=100M

set -euo pipefail

STEPS=${STEPS:-40}
CHECKPOINT=${CHECKPOINT:-simulation.txt}

done=0
[ -f "$CHECKPOINT" ] && done=$(cat "$CHECKPOINT")
echo "goes on after step ${done}"
while ((done < STEPS)); do
  sleep 0.25
  done=$((done + 1))
  # Written beside it and renamed: a job that is killed here leaves the checkpoint before whole.
  echo "$done" >"${CHECKPOINT}.new"
  mv "${CHECKPOINT}.new" "$CHECKPOINT"
done
echo "simulated ${done} steps"
