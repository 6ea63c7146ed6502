import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knownClusters } from '../../../engine/jobs/known-clusters.ts';
import type { ClusterSettings } from '../../../engine/protocol.ts';
import { defaultSettings } from '../../../engine/settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-clusters-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function known(
  clusters: readonly ClusterSettings[],
  options: { readonly sbatch?: boolean; readonly flux?: boolean; readonly sshConfig?: string } = {},
) {
  for (const program of ['sbatch', 'flux'] as const) {
    if (!options[program]) continue;
    writeFileSync(join(folder, program), '#!/bin/sh\n');
    chmodSync(join(folder, program), 0o755);
  }
  const sshConfigFile = join(folder, 'config');
  writeFileSync(sshConfigFile, options.sshConfig ?? '');
  const listed = await knownClusters(
    { ...defaultSettings, clusters, sshConfigFile },
    { PATH: folder, HOME: folder },
    () => {},
  );
  return listed.map(({ name, kind, source, settings }) => [name, kind, source, settings.scheduler]);
}

describe('the clusters there are', () => {
  it('are at least this machine', async () => {
    expect(await known([])).toEqual([['local', 'local', 'built-in', 'local']]);
  });

  it('have Slurm beside it on a login node', async () => {
    expect(await known([], { sbatch: true })).toEqual([
      ['local', 'local', 'built-in', 'local'],
      ['slurm', 'local', 'built-in', 'slurm'],
    ]);
  });

  it('have Flux beside it where flux is', async () => {
    expect(await known([], { flux: true })).toEqual([
      ['local', 'local', 'built-in', 'local'],
      ['flux', 'local', 'built-in', 'flux'],
    ]);
    const both = await known([{ name: 'mine' }], { flux: true, sbatch: true });
    expect(both.map(([name, , , scheduler]) => [name, scheduler])).toEqual([
      ['local', 'local'],
      ['slurm', 'slurm'],
      ['flux', 'flux'],
      ['mine', 'slurm'],
    ]);
  });

  it('are those of the settings and of the SSH configuration too', async () => {
    const sshConfig = 'Host alpha\n  HostName alpha.example\nHost *.pattern\nHost beta\n';
    expect(
      await known(
        [
          { name: 'beta', workdir: '/scratch' },
          { name: 'gamma', host: 'gamma.example' },
        ],
        { sshConfig },
      ),
    ).toEqual([
      ['local', 'local', 'built-in', 'local'],
      ['beta', 'ssh', 'settings', undefined],
      ['gamma', 'ssh', 'settings', undefined],
      ['alpha', 'ssh', 'ssh-config', undefined],
    ]);
  });

  it.each([
    ['auto', true, 'slurm'],
    ['auto', false, 'local'],
    ['slurm', false, 'slurm'],
    ['local', true, 'local'],
  ] as const)('a cluster on this machine with scheduler %s, sbatch there: %s', async (scheduler, sbatch, expected) => {
    expect((await known([{ name: 'here', scheduler }], { sbatch })).find(([name]) => name === 'here')?.[3]).toBe(
      expected,
    );
  });
});
