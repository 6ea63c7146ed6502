#!/usr/bin/env node
// Makes vigil-VERSION.vsix of what scripts/build.mjs made, and refuses to when too much or too little would be in it.
// `--out FILE` names it otherwise.
import { statSync } from 'node:fs';
import path from 'node:path';
import { createVSIX, listFiles, PackageManager } from '@vscode/vsce';
import manifest from '../package.json' with { type: 'json' };

const maxBytes = 3 * 1024 * 1024;
const root = path.dirname(import.meta.dirname);
const outOption = process.argv.indexOf('--out');
const vsix = path.resolve(outOption === -1 ? `vigil-${manifest.version}.vsix` : process.argv[outOption + 1]);

const needed = [
  'package.json',
  'package.nls.json',
  'l10n/bundle.l10n.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'docs/diagnostics.md',
  'docs/diagnostics/watcher/near-miss.md',
  manifest.icon,
  ...['extension', 'language-client', 'server', 'engine', 'cli', 'mcp', 'graph-page', 'form-page', 'timeline-page'].map(
    (program) => `dist/${program}.js`,
  ),
  ...contributedFiles(),
];
const files = await listFiles({ cwd: root, packageManager: PackageManager.None });
const missing = needed.filter((file) => !files.includes(file));
const unwanted = files.filter(
  (file) => file.endsWith('.map') || file.endsWith('.ts') || file.startsWith('node_modules/'),
);
if (missing.length > 0 || unwanted.length > 0) {
  console.error(`not packaged: missing [${missing.join(', ')}], unwanted [${unwanted.join(', ')}]`);
  process.exit(1);
}
await createVSIX({
  cwd: root,
  packagePath: vsix,
  dependencies: false,
  // There is no public repository that relative links of the README could be made to point to.
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});
const bytes = statSync(vsix).size;
console.log(`${path.relative(process.cwd(), vsix)}: ${files.length} files, ${Math.round(bytes / 1024)} KiB`);
if (bytes > maxBytes) {
  console.error(`that is more than ${maxBytes / 1024} KiB`);
  process.exit(1);
}

/** Files that `contributes` points to. */
function contributedFiles() {
  const {
    grammars = [],
    languages = [],
    snippets = [],
    yamlValidation = [],
    viewsContainers,
    walkthroughs,
  } = manifest.contributes;
  const named = [
    ...grammars.map((grammar) => grammar.path),
    ...snippets.map((snippet) => snippet.path),
    ...yamlValidation.map((schema) => schema.url),
    ...languages.map((language) => language.configuration).filter(Boolean),
    ...viewsContainers.activitybar.map((container) => container.icon),
    ...walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.image ?? media.markdown)),
  ];
  return named.map((file) => path.posix.normalize(file));
}
