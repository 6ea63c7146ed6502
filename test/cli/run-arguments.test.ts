import { describe, expect, it } from 'vitest';
import { runDryRun } from '../../cli/dry-run.ts';
import { readRunArguments } from '../../cli/run-arguments.ts';
import { fakeIo } from '../support/fake-io.ts';

const now = 1_000_000;
const read = (...argv: string[]) =>
  readRunArguments(['/w/a.vigil.yaml', ...argv], fakeIo({ '/w/a.vigil.yaml': '' }), now);

describe('the command line of `vigil run`', () => {
  it('takes a start, a key and parameters', async () => {
    expect(await read('--delay', '2h', '--idempotency-key', 'nightly', '-p', 'a=1', '-p', 'b:=[2]')).toMatchObject({
      startAt: now + 7200,
      key: 'nightly',
      params: { a: '1', b: [2] },
      follow: false,
    });
    expect((await read('--at', '2026-11-21T18:30:00Z')).startAt).toBe(Date.UTC(2026, 10, 21, 18, 30) / 1000);
    expect((await read('--label', 'paper=icml', '--label', 'note=a=b')).labels).toEqual({ paper: 'icml', note: 'a=b' });
    expect(await read()).not.toHaveProperty('startAt');
  });

  it.each([
    [['--delay', 'soon'], /--delay is a time such as/],
    [['--at', 'tomorrow'], /--at is a time, e\.g\./],
    [['--at', '2026-11-21', '--delay', '1'], /exclude each other/],
    [['-p', 'x'], /no parameter/],
    [['--label', 'x'], /no label: --label name=value/],
    [['-p', 'x:={'], /not JSON/],
    [['--idempotency-key', ''], /a text of your own/],
  ])('refuses %j', async (argv, words) => {
    await expect(read(...argv)).rejects.toThrow(words);
  });
});

describe('`vigil run --dry-run`', () => {
  const file = `
params: { lr: 0.1, deep: false }
steps:
  - { id: train, submit: { script: train.sh, options: { mem: 1G } }, env: { LR: "\${{ params.lr }}" }, retry: 3 }
  - { id: deep, if: params.deep, run: deep }
  - { id: late, needs: [], if: steps.train.exit_code == 0, run: x, cluster: local }
  - { id: sweep, foreach: [1, 2], run: "echo \${{ item }} \${{ params.lr }} \${{ run.id }}" }
cleanup: [{ run: rm }]
`.replace('needs: [], if: steps.train.exit_code', 'needs: [train], if: steps.train.exit_code');

  it('says what would be done, with what is known by now', async () => {
    const io = fakeIo({ '/w/a.vigil.yaml': file });
    expect(await runDryRun(['/w/a.vigil.yaml', '-p', 'lr=0.5', '--cluster', 'hpc', '--dry-run'], io)).toBe(0);
    expect(io.printed.stdout).toBe(
      [
        'a on hpc: nothing is done. lr=0.5 deep=false',
        '  train  submit {"script":"train.sh","options":{"mem":"1G"}}  (up to 3 attempts; env {"LR":0.5})',
        '  deep  run deep  after train  (skipped: its condition does not hold)',
        '  late  run x  after train  (if steps.train.exit_code == 0; on local)',
        '  sweep  run echo ${{ item }} ${{ params.lr }} ${{ run.id }}  after late  (2 times)',
        '  cleanup_1  run rm  (at the end, whatever happened)',
        '',
      ].join('\n'),
    );
  });

  it('refuses what a run refuses', async () => {
    const io = fakeIo({ '/w/a.vigil.yaml': file });
    await expect(runDryRun(['/w/a.vigil.yaml', '-p', 'nosuch=1'], io)).rejects.toThrow('there is no parameter nosuch');
    const broken = fakeIo({ '/w/a.vigil.yaml': 'steps: [{ rum: x }]' });
    await expect(runDryRun(['/w/a.vigil.yaml'], broken)).rejects.toThrow('has errors');
  });
});
