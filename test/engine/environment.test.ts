import { describe, expect, it } from 'vitest';
import { openLocalConnection } from '../../engine/clusters/local-connection.ts';
import { engineEnvironment, jobEnvironment } from '../../engine/environment.ts';

const client = {
  PATH: process.env.PATH,
  MARK: 'kept',
  VIGIL_PASSWORD: 'secret',
  VIGIL_PASSPHRASE: 'secret',
  VIGIL_STATE_DIR: '/s',
};

describe('what is inherited', () => {
  it('keeps passwords from the engine', () => {
    const engine = engineEnvironment(client);
    expect(Object.values(engine)).not.toContain('secret');
    expect(engine).toMatchObject({ MARK: 'kept', VIGIL_STATE_DIR: '/s', ELECTRON_RUN_AS_NODE: '1' });
  });

  it('gives jobs what the person set, and nothing of ours', () => {
    expect(jobEnvironment(engineEnvironment(client))).toEqual({ PATH: process.env.PATH, MARK: 'kept' });
  });

  it.skipIf(process.platform === 'win32')('is what commands of this machine see', async () => {
    const { stdout } = await openLocalConnection('here', { MARK: 'kept' }).exec(['/usr/bin/env']);
    expect(stdout).toBe('MARK=kept\n');
  });
});
