#!/bin/bash
# Trains with one learning rate and keeps its loss: a step of parameter-sweep.vigil.yaml.
#SBATCH --job-name=sweep
#SBATCH --output=sweep-%j.out
#SBATCH --time=00:05:00
#SBATCH --mem=100M

set -euo pipefail

LR=${LR:-0.1}
RESULTS=${RESULTS:-sweep}

sleep 1
# The best rate is 0.03, by the shape of this make-believe.
loss=$(awk -v rate="$LR" 'BEGIN { printf "%.4f", 0.1 + log(rate / 0.03) ^ 2 }')
mkdir -p "$RESULTS"
echo "loss ${loss} with learning rate ${LR}"
echo "${loss} learning rate ${LR}" >"${RESULTS}/${LR}"
