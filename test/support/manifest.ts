import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** The text of package.nls.json that a value of package.json stands for: `%command.submit.title%`. */
const placeholder = /^%([^%\s]+)%$/;

/** package.json as it stands. */
export function readRawManifest(): unknown {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}

/** Key → English text, of package.nls.json. */
export function readManifestTexts(): { readonly [key: string]: string } {
  return JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8'));
}

/** The key of `%key%`. */
export function keyOf(value: string): string | undefined {
  return placeholder.exec(value)?.[1];
}

/** package.json as VS Code shows it: with the texts of package.nls.json. */
export function readManifest<Manifest>(): Manifest {
  const texts = readManifestTexts();
  const filledIn = (_: string, value: unknown) => {
    const key = typeof value === 'string' ? keyOf(value) : undefined;
    return key === undefined ? value : texts[key];
  };
  return JSON.parse(JSON.stringify(readRawManifest()), filledIn);
}
