import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const program = join(import.meta.dirname, 'fake-flux.mjs');

/** An environment in whose PATH `flux` is the fake, with an instance of its own in `folder`. */
export function fakeFluxEnvironment(folder: string, more: { readonly [name: string]: string } = {}): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const file = join(bin, 'flux');
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(file, 0o755);
  return {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    FAKE_FLUX_DIR: join(folder, 'flux'),
    ...more,
  };
}
