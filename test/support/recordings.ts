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
export const slurmRecording = (name: string): Recording => recording('slurm', name);

/** What a real Flux printed (test/recordings/flux/README.md). */
export const fluxRecording = (name: string): Recording => recording('flux', name);

function recording(scheduler: string, name: string): Recording {
  const file = join(import.meta.dirname, '..', 'recordings', scheduler, `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Recording;
}
