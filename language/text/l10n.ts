/**
 * Texts for people, in the language of VS Code: `vscode.l10n.t` without `vscode`. Each program that people read is told its language
 * when it starts (client/translate.ts, server/server.ts, webview/translate.ts); the engine and `vigil` stay with English.
 * `npm run texts` writes all texts into l10n/bundle.l10n.json.
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

/** A text of a table, which is made before the language is known: translated each time that it is asked for. */
export type LaterText = () => string;

/** As `t`, for tables. */
export function later(text: string, ...values: readonly Value[]): LaterText {
  return () => t(text, ...values);
}

/** What a table says: a text, or a plain string where that is the same in every language (`60`, `stdout`). */
export function shown(text: string | LaterText): string {
  return typeof text === 'string' ? text : text();
}
