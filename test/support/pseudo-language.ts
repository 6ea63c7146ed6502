/** A language that marks every text: what is not marked was never handed to `l10n.t`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configure, type Translations } from '../../language/text/l10n.ts';

const bundle = join(import.meta.dirname, '..', '..', 'l10n', 'bundle.l10n.json');

/** `{0} of {1} jobs` → `{0}⟦ of ⟧{1}⟦ jobs⟧`: values stay outside of the marks, so that an English one is seen. */
function marked(text: string): string {
  return text
    .split(/(\{\d+\})/)
    .map((part) => (part === '' || /^\{\d+\}$/.test(part) ? part : `⟦${part}⟧`))
    .join('');
}

/** From now on. Modules of the client and of the pages have texts in constants: they are imported afterwards. */
export function speakPseudoLanguage(): void {
  const texts: Translations = JSON.parse(readFileSync(bundle, 'utf8'));
  configure(Object.fromEntries(Object.keys(texts).map((text) => [text, marked(text)])));
}

/** Words outside of the marks; a text that was too long for its place has lost its second mark. */
export function unmarkedWords(text: string): readonly string[] {
  return text.replace(/⟦[^⟦⟧]*(⟧|…)/g, ' ').match(/[A-Za-z]{2,}/g) ?? [];
}
