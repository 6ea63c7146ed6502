/** A script to begin with: over in ten seconds on any machine, with watchers that match. Pure. */

export const firstScript = `#!/bin/bash
#SBATCH --job-name=first
#SBATCH --time=00:05:00

# Watchers read what the job prints. This one keeps the loss of every step:
#WATCHER name="loss" pattern="step \\d/5 loss: ([\\d.]+)" captures=[loss] action=store_metric(name="loss", value="\${loss}")

# This one tells you when the result is there:
#WATCHER name="result" pattern="result: (.+)" captures=[result] action=notify(message="the result is \${result}", level="info")

for step in 1 2 3 4 5; do
  sleep 2
  echo "step $step/5 loss: $((10 / step)).5"
done
echo "result: 42"
`;
