#!/usr/bin/env node
/**
 * The main job without an editor, in seconds: checks examples/train.sh, runs it on the `local` cluster, and its watcher
 * cancels it when the loss explodes. Uses an engine and a folder of its own, so that nothing else is touched.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const place = mkdtempSync(join(tmpdir(), 'vigil-main-job-'));
// Jobs of `local` inherit the engine's environment, and the example reads its pace from it.
const env = {
  ...process.env,
  VIGIL_STATE_DIR: join(place, 'state'),
  VIGIL_RUNTIME_DIR: join(place, 'run'),
  SECONDS_PER_EPOCH: '0.2',
};
const script = join(place, 'train.sh');
cpSync(join(root, 'examples', 'train.sh'), script);

function step(words, program, args) {
  console.log(`\n$ ${words}`);
  return spawnSync(program, args, { cwd: place, env, stdio: 'inherit' }).status;
}

let status = step('npm run build', process.execPath, [join(root, 'scripts', 'build.mjs')]);
const vigil = (...args) => step(`vigil ${args.join(' ')}`, process.execPath, [join(root, 'dist', 'cli.js'), ...args]);
status ||= vigil('check', 'train.sh');
if (status === 0) {
  const job = vigil('run-script', 'train.sh');
  // The watcher cancels the job: it does not end well, and that is the point.
  const listed = vigil('jobs');
  console.log(
    job === 0
      ? '\nThe job ran to its end: its watcher should have cancelled it.'
      : '\nThe loss exploded, and the watcher cancelled the job. Next: npm start',
  );
  status = job === 0 || listed !== 0 ? 1 : 0;
  spawnSync(process.execPath, [join(root, 'dist', 'cli.js'), 'stop-engine'], { env, stdio: 'inherit' });
}
rmSync(place, { recursive: true, force: true });
process.exit(status);
