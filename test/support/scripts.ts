/** Batch scripts for tests. */

/** Prints `count` numbered lines, `pauseSeconds` between two, and watches each of them. */
export function numberedLines(count: number, pauseSeconds: number): string {
  return `#!/bin/bash
#SBATCH --job-name=numbers --time=10:00
#WATCHER name="numbers" pattern="^line (?P<n>\\d+)$" action=store_metric(name="n", variable="n")
for i in $(seq 1 ${count}); do echo "line $i"; sleep ${pauseSeconds}; done
`;
}

/** A training run that diverges and would go on for minutes: its watcher has to end it. */
export const diverging = `#!/bin/bash
#SBATCH --job-name=diverge --time=10:00
#WATCHER_BEGIN
# name: loss_monitor
# pattern: "epoch (\\d+).*loss: ([\\d.]+)"
# captures: [epoch, loss]
# condition: float(loss) > 5.0
# max_triggers: 1
# actions:
#   - notify(message="loss \${loss} in epoch \${epoch}", level="warning")
#   - cancel_job(reason="Loss too high")
#WATCHER_END
echo "epoch 1 loss: 2.5"
sleep 0.5
echo "epoch 2 loss: 11.25"
sleep 300
echo "epoch 3 loss: 12"
`;

/** The numbers that `numberedLines` had matched, in the order of the log. */
export function matchedNumbers(
  entries: readonly { readonly name: string; readonly context?: { readonly [key: string]: unknown } }[],
): number[] {
  return entries
    .filter((entry) => entry.name === 'watcher.match')
    .map((entry) => Number((entry.context?.captures as { n?: string } | undefined)?.n));
}

export const oneTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
