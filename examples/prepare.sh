#!/bin/bash
# Makes the data that train-and-report.sh learns from: a step of train-then-publish.vigil.yaml.
#SBATCH --job-name=prepare
#SBATCH --output=prepare-%j.out
#SBATCH --time=00:05:00
#SBATCH --mem=100M

set -euo pipefail

seq 1 100 >data.txt
echo "prepared $(wc -l <data.txt) samples"
