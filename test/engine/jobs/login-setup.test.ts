import { describe, expect, it } from 'vitest';
import { openLocalConnection } from '../../../engine/clusters/local-connection.ts';
import { LoginSetupError, loginSetupOn } from '../../../engine/jobs/login-setup.ts';

const run = async (commands: string) => {
  const lines: string[] = [];
  const setup = loginSetupOn('here', async () => openLocalConnection('here'));
  await setup(commands, '/', (line) => void lines.push(line));
  return lines;
};

describe('what a login setup prints', () => {
  it('is told line by line while it runs, once each line is whole', async () => {
    // The second command waits for what the first one's line leads to: the line is told before the setup has ended.
    const lines: string[] = [];
    const setup = loginSetupOn('here', async () => openLocalConnection('here'));
    const ended = setup('echo $$; kill -STOP $$; printf "one "; echo two; printf "no end"\n', '/', (line) => {
      lines.push(line);
      if (lines.length === 1) setTimeout(() => process.kill(Number(line), 'SIGCONT'), 100);
    });
    await ended;
    expect(lines).toEqual([expect.stringMatching(/^\d+$/), 'one two']);
  });

  it('is of progress bars what they have drawn, and without blank lines', async () => {
    expect(await run("printf '10 %%\\r90 %%\\r\\n\\n'\n")).toEqual(['90 %']);
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
