import { describe, expect, it } from 'vitest';
import { locateRefusal } from '../../../engine/schedulers/slurm-refusal.ts';
import { parseScript } from '../../../language/script/parse-script.ts';
import { slurmRecording } from '../../support/recordings.ts';

const script = `#!/bin/bash
#SBATCH --partition=nosuch -A acct
#SBATCH -t 2-0
#SBATCH --no-such-option
#SBATCH -N99
`;

function located(words: string): string | undefined {
  const span = locateRefusal(parseScript(script), words);
  return span && script.slice(span.start, span.end);
}

describe('where a refusal belongs, by the words of a real sbatch', () => {
  it.each([
    ['sbatch-bad-partition', '--partition=nosuch'],
    ['sbatch-bad-time', '-t 2-0'],
    ['sbatch-too-long-time', '-t 2-0'],
    ['sbatch-bad-option', '--no-such-option'],
    ['sbatch-test-only-too-big', '-N99'],
    ['sbatch-no-shebang', '#!/bin/bash'],
    ['sbatch-crlf', '#!/bin/bash'],
  ])('%s', (name, expected) => expect(located(slurmRecording(name).stderr)).toBe(expected));

  it('finds a short option that sbatch does not know', () => {
    const span = locateRefusal(parseScript('#!/bin/sh\n#SBATCH -Z 3\n'), "invalid option -- 'Z'");
    expect(span?.start).toBe(18);
  });

  it('takes the account from a message that names account and partition', () => {
    expect(located('Batch job submission failed: Invalid account or account/partition combination specified')).toBe(
      '-A acct',
    );
  });

  it('is nowhere when the words tell nothing', () =>
    expect(located('Unable to contact slurm controller')).toBeUndefined());
});
