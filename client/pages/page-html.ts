/** The shell of a page: nothing but its own script and style may run or load in it. Pure. */
import type { Translations } from '../../language/text/l10n.ts';
import { pageStyle } from './page-style.ts';

export interface PageShell {
  /** What the page is, for assistive technology. Ours, never a run's: it becomes markup. */
  readonly title: string;
  /** Address of its script, as the page may load it. */
  readonly script: string;
  /** Never used before. */
  readonly nonce: string;
  /** Of its texts: `de`; `en` where there are no translations. */
  readonly language: string;
  readonly translations: Translations;
}

export function pageHtml({ title, script, nonce, language, translations }: PageShell): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'`;
  // Nothing in a translation ends the element that it stands in.
  const texts = JSON.stringify(translations).replaceAll('<', '\\u003c');
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style nonce="${nonce}">${pageStyle}</style>
</head>
<body>
<main></main>
<script type="application/json" id="translations">${texts}</script>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
