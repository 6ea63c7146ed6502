#!/usr/bin/env node
// The grammar against VS Code's own grammars of the languages that scripts are written in, which the test host brings
// (test/vscode/host/install.mjs); SHELL_GRAMMAR names another file for shell scripts. Without one a test is reported as
// skipped. Ends with: N passed, N failed, N skipped.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import { hostDirectory } from '../vscode/host/install.mjs';

const root = path.join(import.meta.dirname, '..', '..');
const extensions = path.join(hostDirectory, 'node_modules/code-server/lib/vscode/extensions');
const hosts = {
  sh: process.env.SHELL_GRAMMAR ?? path.join(extensions, 'shellscript/syntaxes/shell-unix-bash.tmLanguage.json'),
  py: path.join(extensions, 'python/syntaxes/MagicPython.tmLanguage.json'),
  R: path.join(extensions, 'r/syntaxes/r.tmLanguage.json'),
  jl: path.join(extensions, 'julia/syntaxes/julia.tmLanguage.json'),
  pl: path.join(extensions, 'perl/syntaxes/perl.tmLanguage.json'),
  rb: path.join(extensions, 'ruby/syntaxes/ruby.tmLanguage.json'),
};
const unit = path.join(root, 'node_modules/vscode-tmgrammar-test/dist/unit.js');
const files = globSync('test/grammar/*.test.*', { cwd: root }).sort();
const hostOf = (file) => hosts[path.extname(file).slice(1)];
const testable = files.filter((file) => existsSync(hostOf(file)));
const results = testable.map(passes);
const failed = results.filter((passed) => !passed).length;
if (testable.length < files.length) console.log(`no grammars in ${extensions}`);
console.log(`${results.length - failed} passed, ${failed} failed, ${files.length - testable.length} skipped`);
process.exitCode = failed > 0 ? 1 : 0;

function passes(file) {
  // Our own grammar and what it is injected into come from package.json.
  const grammars = ['--config', 'package.json', '-g', hostOf(file)];
  const { status, stdout, stderr } = spawnSync(process.execPath, [unit, ...grammars, file], {
    cwd: root,
    encoding: 'utf8',
  });
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${file}`);
  if (status !== 0) console.log(stdout + stderr);
  return status === 0;
}
