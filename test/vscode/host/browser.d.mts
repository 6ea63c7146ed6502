/** What the benches use of browser.mjs. */

/** The browser, if there is one: CHROMIUM, or where Linux distributions put it. */
export const chromiumProgram: string | undefined;
