/** `#flux:` directives against what a real `flux batch` said about the same scripts (test/recordings/flux). */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkScript } from '../../../language/check/check-script.ts';
import { parseScript } from '../../../language/script/parse-script.ts';
import { fluxRecording } from '../../support/recordings.ts';

const prefix = 'batch-directive.';
const names = readdirSync(join(import.meta.dirname, '..', '..', 'recordings', 'flux'))
  .filter((file) => file.startsWith(prefix))
  .map((file) => file.slice(prefix.length).replace('.json', ''));

interface Recorded {
  readonly script: string;
  readonly exit_code: number;
  readonly stdout: string;
  readonly stderr: string;
}
const recorded = (name: string) => fluxRecording(prefix + name) as unknown as Recorded;
const optionsOf = (script: string) =>
  parseScript(script).directives.flatMap(({ options }) => options.map(({ name, value }) => [name, value]));

describe('flux batch refuses exactly what is reported', () => {
  // Without directives the number of slots may come from the command line.
  it.each(names.filter((name) => name !== 'empty'))('%s', (name) => {
    const { script, exit_code: status, stderr } = recorded(name);
    const problems = checkScript(parseScript(script), { scheduler: 'flux' }).filter(({ code }) =>
      /^(directive|script)\//.test(code),
    );
    // An option that is not known may be a plugin's: a warning.
    const isRefused = problems.some(({ severity }) => severity === 'error') || /unrecognized arguments/.test(stderr);
    expect({ isRefused, problems: problems.map(({ message }) => message) }).toEqual({
      isRefused: status !== 0,
      problems: expect.any(Array),
    });
    if (status === 0) expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    else expect(problems).not.toEqual([]);
    const line = /line (\d+)/.exec(stderr)?.[1];
    const [first] = problems;
    if (!first || line === undefined || /unterminated multi-line/.test(stderr)) return;
    expect(script.slice(0, first.span.start).split('\n').length).toBe(Number(line));
  });
});

describe('flux batch reads the same options', () => {
  const jobspec = (name: string) => JSON.parse(recorded(name).stdout).attributes;
  it.each(['good', 'triple-quote'])('the name of the job in %s', (name) => {
    const options = optionsOf(recorded(name).script);
    expect(options).toContainEqual(['job-name', jobspec(name).system.job.name]);
  });

  it('the text of an attribute over several lines', () => {
    const { note } = jobspec('triple-quote-setattr').user;
    expect(optionsOf(recorded('triple-quote-setattr').script)).toContainEqual(['setattr', `user.note=${note}`]);
  });

  it.each([
    [
      'two-per-line',
      [
        ['nodes', '1'],
        ['time-limit', '5m'],
      ],
    ],
    [
      'watcher-between',
      [
        ['nodes', '1'],
        ['time-limit', '5m'],
      ],
    ],
    ['positional', [['nodes', '1']]],
    ['comment', [['nodes', '1']]],
    ['after-command', [['nodes', '2']]],
    ['semicolon', [['nodes', '1']]],
  ])('%s', (name, options) => expect(optionsOf(recorded(name).script)).toEqual(options));
});

describe('what is no directive', () => {
  const codes = (script: string) => checkScript(parseScript(script)).map(({ code }) => code);
  it.each([
    ['#!/bin/bash\n# flux: the flow of particles\n'],
    ['#!/bin/bash\n#SBATCH -n1\n# flux: see below\n'],
    ['#!/bin/bash\n#Flux: -N1\n'],
    ['#!/bin/bash\n# flux: - the flow of particles\n# flux: -3.5 at the wall\n'],
    ['#!/bin/bash\n#flux is here: -N1\n# Flux: -N 4 is what we used\n#FLUX -N1\n'],
    ['#!/bin/bash\n#SBATCH -n1\n# flux: -J is the current\n# flux: see below\n'],
    ['#!/bin/bash\nécoflux: -N1\n# ö flux: -N1\n'],
    ['#!/bin/bash\necho "#flux: x"\n'],
  ])('%j', (script) => {
    expect(parseScript(script).directives.filter(({ scheduler }) => scheduler === 'flux')).toEqual([]);
    expect(codes(script)).not.toContain('directive/flux-syntax');
  });
});

it.each([
  ['#!/usr/bin/env python3\n"""\nflux: --nodes=4\n\nSet it:\nflux: --job-name=a\n"""\n', ['nodes', 'job-name']],
  ['#!/usr/bin/lua\n--\n-- flux: -N1 --exclusive\n-- flux: --output=job.out\n', ['nodes', 'exclusive', 'output']],
  ['#!/bin/bash\n#SBATCH -n1\n#flux: --nodes=2\n', ['nodes']],
])('examples of RFC 36, and scripts for two schedulers: %j', (script, names) => {
  const document = parseScript(script);
  const options = document.directives.filter(({ scheduler }) => scheduler === 'flux').flatMap((one) => one.options);
  expect(options.map(({ name }) => name)).toEqual(names);
  expect(document.problems).toEqual([]);
});

it('is not told of where the scheduler is another', () => {
  const script = parseScript('#!/bin/bash\n#SBATCH -t 5\n#flux: -N1\ntrue\n#flux: -N2\n');
  const codes = (scheduler?: 'slurm') => checkScript(script, scheduler && { scheduler }).map(({ code }) => code);
  expect(codes()).toContain('directive/flux-syntax');
  expect(codes('slurm')).toEqual([]);
});

describe('what flux batch does not tell', () => {
  const problems = (script: string) =>
    checkScript(parseScript(`#!/bin/bash\n${script}`)).map(({ code, span }) => [
      code,
      `#!/bin/bash\n${script}`.slice(span.start, span.end),
    ]);
  it.each([
    ['#flux: -N1\n#flux: --job-name="""\n#flux: a\n', [['directive/flux-syntax', '"""']]],
    ['#flux: -N1 --output=a;b\n', [['directive/stray-word', ';b']]],
    ['#flux: -N1\n#flux: # -n2\n', []],
    ['#flux: -N1 --requires="rank:0-3,7 (a|b)"\n', []],
    ['#flux: -N1 --requires=rank:0..3\n', [['directive/bad-value', '0..3']]],
    ['#flux: -N1 --signal=SIGUSR1@2m --urgency=32\n', [['directive/bad-value', '32']]],
    [
      '#flux: -N1 --signal=FOO@2:00\n',
      [
        ['directive/bad-value', 'FOO'],
        ['directive/bad-value', '2:00'],
      ],
    ],
    ['#flux: -N1 --begin-time=+1hour\n', [['directive/bad-value', '1hour']]],
    ['#flux: -N1 --flags=waitable,debg\n', [['directive/bad-value', 'debg']]],
    ['#flux: --nodes\n', [['directive/missing-value', '--nodes']]],
    ['#flux: -xN2 -t inf\n', []],
    ['#flux: -N1 --setattr=system.x=1 -S ^user.y=f.json -o mpi=none\n', []],
    ["#flux: -N1 --job-name='''it's one'''\n", []],
    ['#flux: -N1\n# flux: see the docs\n', [['directive/flux-syntax', '# flux:']]],
    ['#flux: -N1\ntrue\n#flux: see the docs\n', [['directive/flux-syntax', '#flux:']]],
    [
      '#flux: -N1 hello\n#flux: hello\n',
      [
        ['directive/stray-word', 'hello'],
        ['directive/flux-syntax', 'hello'],
      ],
    ],
  ])('%j', (script, expected) => expect(problems(script)).toEqual(expected));
});
