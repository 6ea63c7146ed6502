/** The shell of a page: nothing but its own script and style may run or load in it. Pure. */
import { pageStyle } from './page-style.ts';

export interface PageShell {
  /** What the page is, for assistive technology. Ours, never a run's: it becomes markup. */
  readonly title: string;
  /** Address of its script, as the page may load it. */
  readonly script: string;
  /** Never used before. */
  readonly nonce: string;
}

export function pageHtml({ title, script, nonce }: PageShell): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style nonce="${nonce}">${pageStyle}</style>
</head>
<body>
<main></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
