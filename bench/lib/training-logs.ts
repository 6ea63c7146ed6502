/** Output of training jobs as it looks in life, made up but always the same, and ten watchers' patterns for it. */

/** One pattern in Python's syntax, and as `grep -E` writes it. */
export interface BenchPattern {
  readonly python: string;
  readonly grep: string;
}

const same = (pattern: string): BenchPattern => ({ python: pattern, grep: pattern });

/** What people watch for (the snippets have most of them); of quiet output few lines match. */
export const tenPatterns: readonly BenchPattern[] = [
  { python: 'epoch (\\d+).*loss: ([\\d.]+)', grep: 'epoch ([0-9]+).*loss: ([0-9.]+)' },
  {
    python: '(?i)out of memory|oom[- ]?kill',
    grep: '[Oo][Uu][Tt] [Oo][Ff] [Mm][Ee][Mm][Oo][Rr][Yy]|[Oo][Oo][Mm][- ]?[Kk][Ii][Ll][Ll]',
  },
  {
    python: '(?i)\\b(error|exception|traceback)\\b',
    grep: '\\b([Ee][Rr][Rr][Oo][Rr]|[Ee][Xx][Cc][Ee][Pp][Tt][Ii][Oo][Nn]|[Tt][Rr][Aa][Cc][Ee][Bb][Aa][Cc][Kk])\\b',
  },
  { python: '[Ss]aved checkpoint to (?P<path>\\S+)', grep: '[Ss]aved checkpoint to ([^ ]+)' },
  same('DUE TO TIME LIMIT'),
  same('loss[=: ]+(nan|inf)'),
  same('^slurmstepd: (.*)'),
  { python: 'GPU memory usage: (\\d+)%', grep: 'GPU memory usage: ([0-9]+)%' },
  { python: '(\\d+)% (complete|done)', grep: '([0-9]+)% (complete|done)' },
  { python: 'accuracy: (?P<accuracy>\\d+\\.\\d+)$', grep: 'accuracy: ([0-9]+\\.[0-9]+)$' },
];

/** All begin with plain words, in one spelling: what engines that look for words first are best at. */
export const plainPatterns: readonly BenchPattern[] = [
  { python: 'epoch (\\d+)/(\\d+).*val_loss: ([\\d.]+)', grep: 'epoch ([0-9]+)/([0-9]+).*val_loss: ([0-9.]+)' },
  same('CUDA out of memory'),
  same('Traceback \\(most recent call last\\)'),
  same('^slurmstepd: error: (.*)'),
  same('loss[=: ]+(nan|inf)'),
  { python: 'Saved checkpoint to (\\S+)', grep: 'Saved checkpoint to ([^ ]+)' },
  same('NCCL (WARN|error)'),
  { python: 'GPU memory usage: (\\d+)%', grep: 'GPU memory usage: ([0-9]+)%' },
  same('UserWarning: (.*)'),
  { python: 'accuracy: (\\d+\\.\\d+)$', grep: 'accuracy: ([0-9]+\\.[0-9]+)$' },
];

/** In place of the first: every step matches. */
export const densePattern: BenchPattern = {
  python: 'step (?P<step>\\d+) .*loss (?P<loss>[\\d.]+)',
  grep: 'step ([0-9]+) .*loss ([0-9.]+)',
};

function randomNumbers(): () => number {
  let state = 42;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

const two = (value: number) => String(Math.floor(value) % 60).padStart(2, '0');

/** Lines of steps, and every 500th of them the end of an epoch. */
export function trainingLog(bytes: number): Buffer {
  const random = randomNumbers();
  return repeated(bytes, (step) => {
    const clock = `2026-03-01 ${two(step / 3600)}:${two(step / 60)}:${two(step)},${String(step % 1000).padStart(3, '0')}`;
    const line =
      `${clock} INFO trainer.py:214 rank0 step ${step} | loss ${(3 * random()).toFixed(4)} ` +
      `| lr ${(3e-4 * random()).toExponential(3)} | grad_norm ${(2 * random()).toFixed(4)} ` +
      `| tokens/s ${(20_000 * random()).toFixed(1)} | mem ${(80 * random()).toFixed(2)} GiB\n`;
    if (step % 500 !== 499) return line;
    const epoch = (step + 1) / 500;
    return (
      `${line}epoch ${epoch}/9000 train_loss: ${(3 * random()).toFixed(4)} val_loss: ${(3 * random()).toFixed(4)}\n` +
      `Saved checkpoint to /scratch/me/run/epoch-${epoch}.pt\nvalidation accuracy: ${random().toFixed(4)}\n`
    );
  });
}

/** A progress bar that is drawn over itself, as tqdm draws it, coloured now and then. */
export function progressBars(bytes: number): Buffer {
  const random = randomNumbers();
  return repeated(bytes, (step) => {
    const percent = step % 101;
    const bar = `${'█'.repeat(percent / 5)}${' '.repeat(20 - percent / 5)}`;
    const text = `Epoch ${Math.floor(step / 101)}: ${percent}%|${bar}| ${percent * 39}/3900 [${two(step / 60)}:${two(step)}<00:41, ${(95 * random()).toFixed(2)}it/s, loss=${random().toFixed(3)}]`;
    return step % 7 === 0 ? `\r\u001b[32m${text}\u001b[0m` : `\r${text}`;
  });
}

/** At least so many bytes of what `piece` gives for 0, 1, 2, … */
export function repeated(bytes: number, piece: (index: number) => string): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  for (let index = 0; size < bytes; ) {
    let text = '';
    for (const end = index + 500; index < end; index++) text += piece(index);
    const part = Buffer.from(text);
    parts.push(part);
    size += part.length;
  }
  return Buffer.concat(parts);
}
