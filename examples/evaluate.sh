#!/bin/bash
# Evaluates a checkpoint and reports its accuracy: a step of train-then-publish.vigil.yaml.
#SBATCH --job-name=evaluate
#SBATCH --output=evaluate-%j.out
#SBATCH --time=00:05:00
#SBATCH --mem=200M

set -euo pipefail

CKPT=${CKPT:-model.pt}
RUN=${RUN:-none}

[ -f "$CKPT" ] || {
  echo "there is no checkpoint ${CKPT}"
  exit 1
}
echo "evaluates ${CKPT} on $(wc -l <data.txt) samples"
sleep 1
# Such a line is an event, with no watcher needed.
echo "::event evaluated:${RUN} {\"accuracy\": 0.93}"
