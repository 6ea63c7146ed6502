#!/bin/bash
# A training run that diverges, and the watchers that see to it.
#SBATCH --job-name=train
#SBATCH --output=train-%j.out
#SBATCH --time=00:10:00
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --mem=200M

# Every checkpoint goes into the job's eventlog.
#WATCHER name="checkpoints" pattern="saved checkpoint (\S+) at epoch (\d+)" captures=[path, epoch] action=log_event(message="checkpoint ${path} (epoch ${epoch})")

# Once the loss grows beyond 5 there is nothing left to learn: say so, and free the node.
#WATCHER_BEGIN
# name: loss_monitor
# pattern: "epoch (\d+)/\d+ .*loss: ([\d.]+)"
# captures: [epoch, loss]
# condition: float(loss) > 5.0
# max_triggers: 1
# actions:
#   - store_metric(name="loss", value="${loss}")
#   - notify(message="${JOB_NAME}: loss is ${loss} at epoch ${epoch}, cancelling", level="warning")
#   - cancel_job(reason="loss ${loss} > 5 at epoch ${epoch}")
#WATCHER_END

set -euo pipefail

EPOCHS=${EPOCHS:-120}
SECONDS_PER_EPOCH=${SECONDS_PER_EPOCH:-1}
LEARNING_RATE=${LEARNING_RATE:-0.8}

echo "host $(hostname), job ${SLURM_JOB_ID:-none}, learning rate ${LEARNING_RATE}"

# The loss falls until the learning rate proves too high, then it doubles with every epoch.
loss_at() {
  awk -v epoch="$1" -v rate="$LEARNING_RATE" 'BEGIN {
    loss = 2.3 * exp(-epoch / 6) + 0.15
    if (rate > 0.5 && epoch > 10) loss += 0.02 * 2 ^ (epoch - 10)
    printf "%.4f", loss
  }'
}

for ((epoch = 1; epoch <= EPOCHS; epoch++)); do
  sleep "$SECONDS_PER_EPOCH"
  echo "epoch ${epoch}/${EPOCHS} lr: ${LEARNING_RATE} loss: $(loss_at "$epoch")"
  if ((epoch % 5 == 0)); then
    echo "saved checkpoint model-${epoch}.pt at epoch ${epoch}"
  fi
done

echo "training finished"
