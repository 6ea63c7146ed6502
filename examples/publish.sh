#!/bin/sh
# Publishes a checkpoint: a step of train-then-publish.vigil.yaml.
set -eu

mkdir -p published
cp "$1" published/
echo "published $1"
