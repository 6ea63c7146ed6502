import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { engineHere } from '../../engine/open-stores.ts';
import { enginePaths } from '../../engine/paths.ts';

it('tells a state folder from another on a machine of the same name, at the same path', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-here-'));
  const paths = enginePaths({ VIGIL_STATE_DIR: folder });
  try {
    const first = engineHere(paths);
    expect(engineHere(paths)).toBe(first);
    // What is there before the file has its name counts for nothing.
    writeFileSync(`${paths.placeFile}.new`, '');
    expect(engineHere(paths)).toBe(first);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    expect(engineHere(paths)).not.toBe(first);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
