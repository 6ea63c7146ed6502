/**
 * Texts for people, in the language of VS Code. `t` is `vscode.l10n.t` without `vscode`: most texts are made by pure modules, which
 * are tested without it. `npm run texts` writes all of them into l10n/bundle.l10n.json.
 */

type Value = string | number | boolean;

/** English text → its translation; as VS Code reads it from l10n/bundle.l10n.LANGUAGE.json. */
export type Translations = { readonly [text: string]: string };

let translations: ReadonlyMap<string, string> = new Map();

/** From now on texts are those of `chosen`; English where it has none. Texts that were made before stay as they are. */
export function configure(chosen: Translations | undefined): void {
  translations = new Map(Object.entries(chosen ?? {}));
}

/** The translation of `text`, an English text as it stands in the source, with `{0}`, `{1}`, … filled in. */
export function t(text: string, ...values: readonly Value[]): string {
  return (translations.get(text) ?? text).replace(/\{(\d+)\}/g, (hole, index) => String(values[Number(index)] ?? hole));
}
