/** The colours of VS Code's theme, as a canvas takes them. */
import type { Palette } from './scene.ts';

/** A colour or font of the theme; `fallback` where there is no theme. */
export const css = (name: string, fallback: string) =>
  getComputedStyle(document.body).getPropertyValue(`--vscode-${name}`).trim() || fallback;

let colors: Palette | undefined;

/** To be called when the theme has changed. */
export function forgetPalette(): void {
  colors = undefined;
}

/** Read once for each theme: each color asks the browser for its styles anew. */
export function palette(): Palette {
  colors ??= paletteOfTheme();
  return colors;
}

function paletteOfTheme(): Palette {
  const text = css('foreground', '#808080');
  const green = css('charts-green', '#388a34');
  const red = css('charts-red', '#e51400');
  const blue = css('charts-blue', '#1a85ff');
  const yellow = css('charts-yellow', '#bf8803');
  const faint = css('descriptionForeground', text);
  return {
    background: css('editor-background', 'Canvas'),
    text,
    faint,
    chosen: css('focusBorder', blue),
    series: blue,
    waits: yellow,
    prepares: css('charts-orange', yellow),
    runs: blue,
    stopped: css('charts-orange', yellow),
    ends: faint,
    step: css('charts-purple', blue),
    'ran-completed': green,
    'ran-failed': red,
    'ran-cancelled': faint,
    s: faint,
    m: css('charts-purple', blue),
    a: css('charts-orange', yellow),
    f: red,
    n: text,
    c: yellow,
    w: red,
  };
}
