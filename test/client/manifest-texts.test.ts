/** The texts of package.json stand in package.nls.json, where VS Code looks for those of other languages, too. */
import { expect, it } from 'vitest';
import { keyOf, readManifestTexts, readRawManifest } from '../support/manifest.ts';

interface Text {
  /** `contributes/commands/0/title`. */
  readonly path: string;
  readonly value: string;
}

function textsIn(value: unknown, path: string): readonly Text[] {
  if (typeof value === 'string') return [{ path, value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => textsIn(inner, path === '' ? name : `${path}/${name}`));
}

const found = textsIn(readRawManifest(), '');
const texts = readManifestTexts();

/** What VS Code shows people. Not among them: what only a language model reads. */
const visible =
  /(^|\/)(displayName|description|title|contents|altText|markdownDescription|patternErrorMessage|userDescription|(markdownE|e)numDescriptions\/\d+)$|\/views\/vigil\/\d+\/name$/;
const forModels = /\/inputSchema\//;

it('every text that is shown is one of package.nls.json', () => {
  const plain = found
    .filter(({ path }) => visible.test(path) && !forModels.test(path))
    .filter(({ value }) => keyOf(value) === undefined && value !== 'Vigil');
  expect(plain).toEqual([]);
});

it('every key has its text, and every text is used once', () => {
  const used = found.flatMap(({ value }) => keyOf(value) ?? []);
  expect(used.toSorted()).toEqual(Object.keys(texts).sort());
});

it('no text is empty', () => {
  for (const [key, text] of Object.entries(texts)) expect(text.trim(), key).not.toBe('');
});
