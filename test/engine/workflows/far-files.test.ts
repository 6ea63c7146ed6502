/** Workflow files on the file system of a cluster, with the scripts and child files beside them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { labOn } from '../../../bench/lib/workflow-lab.ts';
import { systemClock } from '../../../engine/clock.ts';
import { ConnectionError } from '../../../engine/clusters/connection.ts';
import { FileError } from '../../../engine/files/file-error.ts';
import { silentLogger } from '../../../engine/logger.ts';
import { sqliteStores } from '../../../engine/open-stores.ts';
import type { SubmitParams } from '../../../engine/protocol.ts';
import { NotNowError } from '../../../engine/workflows/effects.ts';
import { type EngineEffectsDependencies, engineEffects } from '../../../engine/workflows/engine-effects.ts';
import { beside, type FilePlace, fileAt, folderOf, placeOf, placeWords } from '../../../engine/workflows/file-place.ts';
import { StepFailure } from '../../../engine/workflows/perform.ts';
import { InvalidWorkflowError, runInput } from '../../../engine/workflows/run-params.ts';
import { sftpSession } from '../files/sftp-server.ts';

const text = 'steps: [{ notify: a }]';
const near = { path: '/w/flow.vigil.yaml' };
const far = { path: '/w/flow.vigil.yaml', cluster: 'hpc' };

describe('the place of a workflow file', () => {
  it.each([near, far])('is that of what it names: $cluster', (place) => {
    expect(beside(place, 'train.sh')).toEqual({ ...place, path: '/w/train.sh' });
    expect(beside(place, '../b/train.sh')).toEqual({ ...place, path: '/b/train.sh' });
    expect(beside(place, '/opt/train.sh')).toEqual({ ...place, path: '/opt/train.sh' });
    expect(folderOf(place)).toEqual({ ...place, path: '/w' });
    expect(placeOf(fileAt(place))).toEqual(place);
  });

  it('is told with its cluster', () => {
    expect([near, far].map(placeWords)).toEqual(['/w/flow.vigil.yaml', '/w/flow.vigil.yaml on hpc']);
  });

  it('has the cluster on which its steps run, unless the file or the person names one', () => {
    const cluster = (given: object, written = '') =>
      runInput({ ...fileAt(far), text: `${written}${text}`, ...given }).cluster;
    expect(cluster({})).toBe('hpc');
    expect(cluster({}, 'cluster: other\n')).toBe('other');
    expect(cluster({ cluster: 'local' }, 'cluster: other\n')).toBe('local');
    expect(runInput({ ...fileAt(near), text }).cluster).toBe('local');
  });

  it('stands in what is said of its errors', () => {
    expect(() => runInput({ ...fileAt(far), text: 'steps: 1' })).toThrow(InvalidWorkflowError);
    expect(() => runInput({ ...fileAt(far), text: 'steps: 1' })).toThrow('/w/flow.vigil.yaml on hpc has errors');
  });
});

describe('a run of a file on a cluster', () => {
  let folder: string;
  /** By path, on `hpc`. */
  let files: Map<string, string>;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigil-far-'));
    files = new Map();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const readText = async ({ path, cluster }: FilePlace) => {
    const found = cluster === 'hpc' ? files.get(path) : undefined;
    if (found === undefined) throw new FileError('not-found', `Looking at ${path}: there is no such file or folder.`);
    return found;
  };
  const open = async () => {
    const stores = sqliteStores({ database: join(folder, 'vigil.db'), runsDatabase: join(folder, 'runs.db') });
    const lab = labOn(stores, systemClock, silentLogger, readText);
    await lab.workflows.start();
    return lab;
  };
  const outcome = (lab: Awaited<ReturnType<typeof open>>, run: string) =>
    vi.waitFor(() => {
      const end = lab.workflows.service.endOf(run);
      expect(end).toBeDefined();
      return end;
    }, 5000);

  it('has its child files from there, also from the engine that comes after', async () => {
    const before = await open();
    const { id } = await before.workflows.service.run({
      ...fileAt(far),
      text: 'steps: [{ await_event: go }, { workflow: sub/child.vigil.yaml }]',
    });
    await vi.waitFor(() => expect(before.slept()).toBeGreaterThan(0), 5000);
    await before.dispose();
    files.set('/w/sub/child.vigil.yaml', 'name: child\nsteps: [{ workflow: grandchild.vigil.yaml }]');
    files.set('/w/sub/grandchild.vigil.yaml', `name: grandchild\n${text}`);
    const after = await open();
    try {
      const { service } = after.workflows;
      expect(await service.archive.info(await service.archive.run(id))).toMatchObject({
        ...fileAt(far),
        cluster: 'hpc',
      });
      after.events.emit({ name: 'go', payload: null, source: 'test' });
      expect(await outcome(after, id)).toMatchObject({ outcome: 'completed' });
      expect((await service.archive.list({})).map((run) => [run.name, run.file, run.fileCluster])).toEqual([
        ['grandchild', '/w/sub/grandchild.vigil.yaml', 'hpc'],
        ['child', '/w/sub/child.vigil.yaml', 'hpc'],
        ['flow', '/w/flow.vigil.yaml', 'hpc'],
      ]);
      const [submitted] = after.store.eventlog(`run/${id}`);
      expect(submitted?.context).toMatchObject({ file: '/w/flow.vigil.yaml', file_cluster: 'hpc' });
    } finally {
      await after.dispose();
    }
  });

  it('fails where a child file is missing there, and goes on with it when it is retried', async () => {
    const lab = await open();
    try {
      const { service } = lab.workflows;
      const { id } = await service.run({ ...fileAt(far), text: 'steps: [{ workflow: child.vigil.yaml }]' });
      expect((await outcome(lab, id))?.reason).toMatch(/the workflow \/w\/child.vigil.yaml on hpc cannot be read: /);
      files.set('/w/child.vigil.yaml', text);
      const again = await service.retry(id, { isNew: true });
      expect(await outcome(lab, again.id)).toMatchObject({ outcome: 'completed' });
    } finally {
      await lab.dispose();
    }
  });

  it('is scheduled beside the file of the same path here', async () => {
    const lab = await open();
    try {
      const { service } = lab.workflows;
      const scheduled = (place: FilePlace) =>
        service.run({ ...fileAt(place), text: `on: { event: never }\n${text}`, cluster: 'local', isScheduled: true });
      const [here, there] = [await scheduled(near), await scheduled(far)];
      const again = await scheduled(far);
      await vi.waitFor(() => expect(service.endOf(there.id)?.outcome).toBe('cancelled'), 5000);
      const waiting = await service.archive.list({ status: 'pending' });
      expect(waiting.map(({ id }) => id).sort()).toEqual([here.id, again.id].sort());
    } finally {
      await lab.dispose();
    }
  });
});

/** For printf(1): the packet VERSION of a server of SFTP 3. */
const agreed = '\\0\\0\\0\\5\\2\\0\\0\\0\\3';

describe('a script that a step submits', () => {
  const effect = { cluster: 'hpc', env: {}, options: {} };

  /** `begun`: the script of a submission that an engine before has begun. */
  function world({ begun, read }: { readonly begun?: string; readonly read?: () => Promise<string> } = {}) {
    const submitted: SubmitParams[] = [];
    const deps = {
      store: {
        jobBySubmitKey: () => undefined,
        submission: () => begun && { request: { scriptHash: 'h' } },
        script: (hash: string) => (hash === 'h' ? begun : undefined),
      },
      readText: read ?? (async ({ path, cluster }: FilePlace) => `# ${path} of ${cluster}`),
      schedulerOf: async () => 'slurm',
      submit: async (params: SubmitParams) => {
        submitted.push(params);
        return { key: 'hpc/1' };
      },
      isPassing: (error: unknown) => ConnectionError.is(error),
    };
    // Only what a submission needs.
    const effects = engineEffects(deps as unknown as EngineEffectsDependencies, {} as never);
    const submit = (script: FilePlace) => effects.submit('k', { ...effect, script });
    return { submit, submitted };
  }

  it.each([
    [{ path: '/w/a.sh' }, { scriptPath: '/w/a.sh' }],
    [
      { path: '/w/a.sh', cluster: 'hpc' },
      { scriptName: 'a.sh', workdir: '/w' },
    ],
    [{ path: '/w/a.sh', cluster: 'other' }, { scriptName: 'a.sh' }],
  ])('runs in its folder where it is on that cluster: %o', async (script: FilePlace, expected) => {
    const { submit, submitted } = world();
    await submit(script);
    expect(submitted).toEqual([
      { cluster: 'hpc', script: `# /w/a.sh of ${script.cluster}`, key: 'k', env: {}, options: [], ...expected },
    ]);
  });

  it('is waited for while its cluster is away, and is a failure where it cannot be read', async () => {
    const script = { path: '/w/a.sh', cluster: 'hpc' };
    const away = world({ read: () => Promise.reject(new ConnectionError('unreachable', 'hpc', 'no route')) });
    await expect(away.submit(script)).rejects.toThrow(NotNowError);
    const gone = world({ read: () => Promise.reject(new FileError('not-found', 'there is no such file')) });
    await expect(gone.submit(script)).rejects.toThrow(StepFailure);
    await expect(gone.submit(script)).rejects.toThrow(
      'the script /w/a.sh on hpc cannot be read: there is no such file',
    );
  });

  it.each([
    ['does not begin', 'echo Loading; exec sleep 60', { beginMs: 50, answerMs: 60_000 }],
    ['does not answer', `printf '${agreed}'; exec sleep 60`, { beginMs: 60_000, answerMs: 50 }],
  ])('is waited for while the SFTP server %s', async (_, line, patience) => {
    const hanging = world({
      read: async () => {
        await (await sftpSession(line, patience)).stat('/w/a.sh');
        return '';
      },
    });
    await expect(hanging.submit({ path: '/w/a.sh', cluster: 'hpc' })).rejects.toThrow(NotNowError);
  });

  it('is a failure where SFTP is switched off, with what to do', async () => {
    const off = world({ read: async () => String(await sftpSession('exit 255')) });
    const submitting = off.submit({ path: '/w/a.sh', cluster: 'hpc' });
    await expect(submitting).rejects.toThrow(StepFailure);
    await expect(submitting).rejects.toThrow(/the site has switched SFTP off\. .*use Remote-SSH or a terminal/);
  });

  it('is not needed any more once its submission was begun', async () => {
    const { submit, submitted } = world({ begun: '#!/bin/sh\n', read: () => Promise.reject(new Error('gone')) });
    await submit({ path: '/w/a.sh', cluster: 'hpc' });
    expect(submitted[0]?.script).toBe('#!/bin/sh\n');
  });
});
