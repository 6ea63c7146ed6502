#!/bin/bash
# Mistakes to try the quick fixes on: put the cursor on a squiggle and press Ctrl+. (Cmd+. on a Mac).
#SBATCH --job-name=broken

# A misspelt action.
#WATCHER name="errors" pattern="ERROR: (.*)" captures=[text] action=log_evnt(message="${text}")

# An unknown property, a capture that is compared as if it were a number, and an unknown variable.
#WATCHER_BEGIN
# name: loss_monitor
# pattern: "epoch (\d+) loss: ([\d.]+)"
# captures: [epoch, loss]
# conditon: loss > 5
# actions:
#   - notify(message="loss ${los}")
#WATCHER_END

# A broken pattern: its group is never closed.
#WATCHER name="memory" pattern="(out of memory|OOM" action=notify(message="out of memory")

echo "nothing to see here"
