import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../engine/clock.ts';
import { openLocalConnection } from '../../../engine/clusters/local-connection.ts';
import { LoginSetupError, loginSetupOn } from '../../../engine/jobs/login-setup.ts';

const run = async (commands: string, onLine: (line: string) => unknown = () => {}) => {
  const lines: string[] = [];
  const setup = loginSetupOn('here', async () => openLocalConnection('here'), systemClock);
  await setup(commands, '/', (line) => {
    lines.push(line);
    onLine(line);
  });
  return lines;
};

describe('what a login setup prints', () => {
  it('is told line by line while it runs, once each line is whole', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-setup-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const go = join(folder, 'go');
    const commands = `echo first; until [ -e '${go}' ]; do sleep 0.05; done; printf "one "; echo two; printf "no end"\n`;
    // The second command waits for what the first one's line leads to: the line is told before the setup has ended.
    const lines = await run(commands, (line) => line === 'first' && writeFileSync(go, ''));
    expect(lines).toEqual(['first', 'one two']);
  });

  it('is of progress bars what they have drawn, and without blank lines', async () => {
    expect(await run("printf '10 %%\\r90 %%\\r\\n\\n'\n")).toEqual(['90 %']);
  });

  it('is told five times a second at most, the last line in any case', async () => {
    const began = Date.now();
    const lines = await run('for i in $(seq 20000); do echo "line $i"; done\n');
    expect(lines.at(-1)).toBe('line 20000');
    expect(lines.length).toBeLessThanOrEqual((Date.now() - began) / 200 + 2);
  });

  it('may come in any pieces', async () => {
    expect((await run("printf 'Gr\\303'; sleep 0.05; printf '\\274n\\n'\n")).join()).toBe('Grün');
  });

  it('is told again with the reason when it fails', async () => {
    await expect(run('echo no space left; exit 3\n')).rejects.toThrow(LoginSetupError);
    await expect(run('echo no space left; exit 3\n')).rejects.toThrow(
      'Not submitted: on here the login setup of the script failed with status 3:\nno space left',
    );
  });
});
