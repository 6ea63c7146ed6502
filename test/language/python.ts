/** Asks the CPython that is installed, to compare with it. */
import { spawnSync } from 'node:child_process';

/** `sys.version` of `python3`, undefined when there is none. */
export function pythonVersion(): readonly [number, number] | undefined {
  const { status, stdout } = spawnSync('python3', ['-c', 'import sys; print(*sys.version_info[:2])'], {
    encoding: 'utf8',
  });
  const [major, minor] = (stdout ?? '').trim().split(' ').map(Number);
  return status === 0 && major !== undefined && minor !== undefined ? [major, minor] : undefined;
}

/** Runs `program`, which reads JSON from its standard input and prints JSON. */
export function askPython(program: string, input: unknown): unknown {
  const { status, stdout, stderr } = spawnSync('python3', ['-W', 'ignore', '-c', program], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`python3 failed: ${stderr}`);
  return JSON.parse(stdout);
}

/** Reproducible random numbers (mulberry32). */
export function randomSource(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
