import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Recording {
  readonly command: string;
  readonly exit_code: number;
  readonly stdin?: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a real Slurm printed (test/recordings/slurm/README.md). */
export function slurmRecording(name: string): Recording {
  const file = join(import.meta.dirname, '..', 'recordings', 'slurm', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Recording;
}
