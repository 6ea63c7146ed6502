import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isOwnSocket } from '../../engine/private-directory.ts';

let folder: string;
let run: string;
let socket: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-own-'));
  run = join(folder, 'run');
  socket = join(run, 'engine.sock');
  mkdirSync(run, { mode: 0o700 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(process.platform === 'win32')('whom a client trusts', () => {
  it('is a socket of its user, in a folder of its user', () => {
    expect(isOwnSocket(socket)).toBe(false);
    writeFileSync(socket, '');
    expect(isOwnSocket(socket)).toBe(true);
  });

  it('is not somebody else', () => {
    writeFileSync(socket, '');
    expect(isOwnSocket(socket, (process.getuid?.() ?? 0) + 1)).toBe(false);
  });

  it('is not a folder where others may put a socket, nor a link to one', () => {
    writeFileSync(socket, '');
    symlinkSync(run, join(folder, 'link'));
    expect(isOwnSocket(join(folder, 'link', 'engine.sock'))).toBe(false);
    chmodSync(run, 0o777);
    expect(isOwnSocket(socket)).toBe(false);
  });
});
