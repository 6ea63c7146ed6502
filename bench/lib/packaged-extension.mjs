/** The extension as people install it. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** Packages what dist/ has (`npm run build` first); the path of the .vsix. */
export function packagedExtension(root) {
  const file = path.join(root, 'out', 'vigil.vsix');
  const { status } = spawnSync(process.execPath, [path.join(root, 'scripts', 'package.mjs'), '--out', file], {
    cwd: root,
  });
  if (status !== 0) throw new Error('the extension could not be packaged: npm run build first');
  return file;
}
