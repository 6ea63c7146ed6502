import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { desktopCommand, showOnDesktop } from '../../client/engine/desktop-notice.ts';

const hostile = `$(id) "; rm -rf ~ # <a href="x">&'`;

describe('a notification of the desktop', () => {
  it('is text on every system, whatever a job has printed', () => {
    expect(desktopCommand('linux', 'info', hostile)).toEqual({
      program: 'notify-send',
      args: ['--app-name=Vigil', '--urgency=normal', '--', 'Vigil', `$(id) "; rm -rf ~ # &lt;a href="x"&gt;&amp;'`],
    });
    expect(desktopCommand('darwin', 'info', hostile)?.args.at(-1)).toBe(hostile);
    const windows = desktopCommand('win32', 'info', hostile);
    expect(windows?.args.join()).not.toContain('rm -rf');
    expect(windows?.env?.VIGIL_TEXT).toBe(hostile);
  });

  it('is urgent when it is an error', () => {
    expect(desktopCommand('linux', 'error', 'x')?.args).toContain('--urgency=critical');
  });

  it('is none on systems that Vigil does not know', () => {
    expect(desktopCommand('aix', 'info', 'x')).toBeUndefined();
  });
});

describe('showing it', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigil-desktop-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const command = { program: 'notify-send', args: ['--', 'Vigil', 'loss is 11 > 10'] };
  const fakeProgram = (text: string) => {
    writeFileSync(join(folder, 'notify-send'), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, 'notify-send'), 0o755);
    return { PATH: `${folder}${delimiter}${process.env.PATH}`, OUT: join(folder, 'out') };
  };

  it('runs the program with its arguments (a fake notify-send)', async () => {
    const env = fakeProgram(`printf '%s|' "$@" > "$OUT"`);
    await showOnDesktop({ ...command, env });
    expect(readFileSync(env.OUT, 'utf8')).toBe('--|Vigil|loss is 11 > 10|');
  });

  it('says why it is not shown', async () => {
    const env = fakeProgram('echo "Could not connect: no bus" >&2; exit 1');
    await expect(showOnDesktop({ ...command, env })).rejects.toThrow('notify-send: Could not connect: no bus');
    await expect(showOnDesktop({ program: join(folder, 'none'), args: [] })).rejects.toThrow(/none: .*ENOENT/);
  });
});
