#!/bin/bash
# Trains until the loss is low, and tells the workflow so: a step of train-then-publish.vigil.yaml.
#SBATCH --job-name=train-and-report
#SBATCH --output=train-and-report-%j.out
#SBATCH --time=00:10:00
#SBATCH --mem=200M

#WATCHER_BEGIN
# name: converged
# pattern: "run (\S+) converged: loss ([\d.]+), checkpoint (\S+)"
# captures: [run, loss, checkpoint]
# max_triggers: 1
# actions:
#   - emit_event(name="converged:${run}", payload={"loss": "${loss}", "checkpoint": "${checkpoint}"})
#WATCHER_END

set -euo pipefail

LR=${LR:-0.001}
RUN=${RUN:-none}

echo "learning rate ${LR}"
for ((epoch = 1; epoch <= 20; epoch++)); do
  sleep 1
  echo "epoch ${epoch}/20 loss: $(awk -v epoch="$epoch" 'BEGIN { printf "%.4f", 2.3 * exp(-epoch / 6) }')"
done
: >model.pt
echo "run ${RUN} converged: loss 0.0821, checkpoint model.pt"
