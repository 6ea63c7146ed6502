import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidates, type Known } from '../../cli/completion/candidates.ts';
import { commandForms } from '../../cli/completion/commands.ts';
import { shellFunctions } from '../../cli/completion/shells.ts';
import { usage } from '../../cli/usage.ts';

const forms = commandForms(usage);
const watcher = { state: 'active', matchCount: 0, triggerCount: 0, failures: 0, captures: {}, line: 0 } as const;
const known: Known = {
  jobs: [
    { key: 'local/1', watchers: [{ ...watcher, name: 'loss' }] },
    { key: 'cluster/22', watchers: [] },
  ],
  clusters: ['local', 'mycluster'],
  runs: ['r-1'],
};
const at = (line: string) => candidates(forms, line.split(' '), known);

describe('the usage', () => {
  it('names every command of the program, and nothing else is taken for one', () => {
    const names = new Set(forms.map(({ name }) => name));
    for (const name of ['check', 'hold', 'release', 'watchers', 'run', 'top', 'completion', 'stop-engine']) {
      expect(names).toContain(name);
    }
    expect([...names].filter((name) => !/^[a-z][a-z-]*$/.test(name))).toEqual([]);
  });

  it('is read to the last option', () => {
    const check = forms.find(({ name }) => name === 'check');
    expect([...(check?.options ?? [])]).toEqual([
      ['--format', 'text|json|sarif'],
      ['--scheduler', 'auto|slurm|flux|…'],
      ['--cluster', 'C'],
      ['--severity', 'CODE=error|warning|information|hint|off'],
    ]);
    const wait = forms.find(({ name }) => name === 'wait-event');
    expect(wait?.positionals).toEqual(['JOB', 'EVENT']);
    expect(wait?.options.get('--quiet')).toBeUndefined();
    expect(wait?.options.get('-L')).toBe('auto|always|never');
  });
});

describe('what may stand at the cursor', () => {
  it.each([
    ['wat', ['watch', 'watchers']],
    ['jobs --', ['--cluster', '--format', '--foreign', '--days']],
    ['jobs --format ', ['text', 'json']],
    ['jobs --cluster m', ['mycluster']],
    ['connect ', ['local', 'mycluster']],
    ['eventlog ', ['local/1', 'cluster/22']],
    ['eventlog -F c', ['cluster/22']],
    ['eventlog local/1 --', ['--follow', '--name']],
    ['watchers ', ['local/1', 'cluster/22', 'pause', 'resume', 'stop', 'trigger', 'edit', 'run']],
    ['watchers pause ', ['local/1', 'cluster/22']],
    ['watchers pause local/1 ', ['loss']],
    ['watchers edit local/1 loss --with ', [':files']],
    ['urgency local/1 ', ['hold', 'default', 'expedite']],
    ['cancel-run ', ['r-1']],
    ['cancel-run --a', ['--all']],
    ['submit ', [':files']],
    ['submit a.sh -- --ti', [':files']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['no-such-command ', []],
    ['cancel local/1 ', []],
  ])('vigil %s', (line, expected) => {
    expect(at(line)).toEqual(expected);
  });
});

describe('in a shell', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'vigil-completion-'));
    // Answers with the words it was given.
    const program = '#!/bin/sh\nshift 2\nif [ "$1" = f ]; then echo :files; else printf "%s." "$@"; echo; fi\n';
    writeFileSync(join(directory, 'vigil'), program, { mode: 0o755 });
    writeFileSync(join(directory, 'a file.sh'), '');
    writeFileSync(join(directory, 'other'), '');
  });
  afterAll(() => rmSync(directory, { recursive: true }));
  const environment = () => ({ ...process.env, PATH: `${directory}:${process.env.PATH}` });

  it.each([
    [['vigil', 'eventlog', ''], ['eventlog..']],
    [['vigil', 'jobs', '--fo'], ['jobs.--fo.']],
    [['vigil', 'f', 'a'], ['a file.sh']],
  ])('bash completes %j', (words, expected) => {
    const script = `${shellFunctions.bash}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _vigil
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const output = execFileSync('bash', ['-c', script], { cwd: directory, env: environment(), encoding: 'utf8' });
    expect(output.trim().split('\n')).toEqual(expected);
  });

  it.skipIf(spawnSync('fish', ['--version']).status !== 0)('fish completes', () => {
    const script = `${shellFunctions.fish}\ncomplete -C 'vigil jobs --fo'\ncomplete -C 'vigil f a'`;
    const output = execFileSync('fish', ['-c', script], {
      cwd: directory,
      env: { ...environment(), HOME: directory },
      encoding: 'utf8',
    });
    expect(output.trim().split('\n')).toEqual(['jobs.--fo.', 'a file.sh']);
  });

  it.skipIf(spawnSync('zsh', ['--version']).status !== 0)('zsh takes the function', () => {
    const script = `autoload -Uz compinit && compinit -u -d ${directory}/dump\n${shellFunctions.zsh}\nprint $_comps[vigil]`;
    expect(execFileSync('zsh', ['-fc', script], { env: environment(), encoding: 'utf8' }).trim()).toBe('_vigil');
  });
});
