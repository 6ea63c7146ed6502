#!/usr/bin/env node
// The grammar against VS Code's own shell grammar, which the test host brings (test/vscode/host/install.mjs), or the
// file that SHELL_GRAMMAR names. Without one everything is reported as skipped. Ends with: N passed, N failed, N skipped.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import { hostDirectory } from '../vscode/host/install.mjs';

const root = path.join(import.meta.dirname, '..', '..');
const shell =
  process.env.SHELL_GRAMMAR ??
  path.join(
    hostDirectory,
    'node_modules/code-server/lib/vscode/extensions/shellscript/syntaxes/shell-unix-bash.tmLanguage.json',
  );
const unit = path.join(root, 'node_modules/vscode-tmgrammar-test/dist/unit.js');
const files = globSync('test/grammar/*.test.sh', { cwd: root }).sort();

if (!existsSync(shell)) {
  console.log(`no shell grammar at ${shell}`);
  console.log(`0 passed, 0 failed, ${files.length} skipped`);
} else {
  const results = files.map(passes);
  const failed = results.filter((passed) => !passed).length;
  console.log(`${results.length - failed} passed, ${failed} failed, 0 skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
}

function passes(file) {
  // Our own grammar and what it is injected into come from package.json.
  const grammars = ['--config', 'package.json', '-g', shell];
  const { status, stdout, stderr } = spawnSync(process.execPath, [unit, ...grammars, file], {
    cwd: root,
    encoding: 'utf8',
  });
  console.log(`${status === 0 ? '✓' : '✗'} ${file}`);
  if (status !== 0) console.log(stdout + stderr);
  return status === 0;
}
