/** Batch scripts to measure with: directives, watchers of both forms, and shell as people write it; the same for the same numbers. */

/** @param seed makes scripts differ; `watchers` stand in turn on one line and in a block */
export function batchScript(lineCount: number, watchers: number, seed: number): string {
  const lines = [
    '#!/bin/bash',
    `#SBATCH --job-name=bench-${seed}`,
    '#SBATCH --output=%x-%j.out',
    '#SBATCH --time=04:00:00',
    '#SBATCH --nodes=1 --ntasks=4',
    '#SBATCH --mem=16G',
    ...Array.from({ length: watchers }, (_, index) => watcher(index, seed)).flat(),
    '',
    'set -euo pipefail',
    'module load gcc/12 openmpi/4',
  ];
  for (let block = 0; lines.length < lineCount; block++) lines.push(...shellBlock(block));
  return `${lines.slice(0, lineCount).join('\n')}\n`;
}

function watcher(index: number, seed: number): readonly string[] {
  if (index % 2 === 0) {
    return [
      `#WATCHER name="metric-${index}" pattern="metric${index}[:=] *(?P<value>[\\d.]+)" condition="float(value) > ${seed % 7}" action=store_metric(name="m${index}", value="\${value}")`,
    ];
  }
  return [
    '#WATCHER_BEGIN',
    `# name: loss-${index}`,
    '# pattern: "epoch (\\d+).*?loss: ([\\d.eE+-]+)"',
    '# captures: [epoch, loss]',
    '# condition: float(loss) > 5.0 and int(epoch) % 10 == 0',
    '# cooldown: 10m',
    '# actions:',
    '#   - notify(message="loss ${loss} at epoch ${epoch}", level="warning")',
    '#   - log_event(message="epoch ${epoch}")',
    '#WATCHER_END',
  ];
}

/** Whole statements: a script that is cut between them is still one. */
function shellBlock(block: number): readonly string[] {
  return [
    `# step ${block}`,
    `input_${block}="$SCRATCH/data/part-${block}.h5"`,
    `[ -f "$input_${block}" ] || echo "no $input_${block}" >&2`,
    `srun --exclusive -n1 ./simulate --in "$input_${block}" --seed $((${block} * 7)) > "out-${block}.log" 2>&1 &`,
    `echo "step=${block} started at $(date +%s)"`,
    '',
  ];
}

/** Characters typed here and there: in commands, comments, directives, watchers. Each stays in the text. */
export function keystrokes(
  text: string,
  count: number,
): readonly { readonly at: { readonly line: number; readonly character: number }; readonly char: string }[] {
  const lines = text.split('\n').map(({ length }) => length);
  return Array.from({ length: count }, (_, index) => {
    const line = (index * 37) % (lines.length - 1);
    const character = Math.floor(((lines[line] ?? 0) * ((index * 13) % 10)) / 10);
    lines[line] = (lines[line] ?? 0) + 1;
    return { at: { line, character }, char: 'x"(a $'[index % 6] ?? 'x' };
  });
}
