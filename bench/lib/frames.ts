/** Frame times of a page under real wheel and key events of a browser. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumProgram } from '../../test/vscode/host/browser.mjs';

/** A page as it is served: by path. Its document is `/`. */
export type Served = ReadonlyMap<string, { readonly type: string; readonly body: string | Buffer }>;

export interface Frames {
  /** From one frame to the next, in milliseconds. */
  readonly deltasMs: readonly number[];
  /** Of each task of more than 50 ms (the least that browsers tell), its length. */
  readonly longTasksMs: readonly number[];
}

export async function openBrowser(): Promise<Browser> {
  if (!chromiumProgram) throw new Error('there is no Chromium (CHROMIUM names it)');
  return chromium.launch({ executablePath: chromiumProgram, args: ['--no-sandbox', '--disable-gpu'] });
}

/** Opens what is served, with what VS Code gives to pages; `work` gets it once its script has run. Nothing stays open. */
export async function withPage<Result>(
  browser: Browser,
  served: Served,
  work: (page: Page) => Promise<Result>,
): Promise<Result> {
  const server = createServer(({ url }, response) => {
    const file = served.get(url ?? '/');
    response.writeHead(file ? 200 : 404, { 'content-type': file?.type ?? 'text/plain' });
    response.end(file?.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(300_000);
    await page.addInitScript('globalThis.acquireVsCodeApi = () => ({ postMessage: () => undefined })');
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return await work(page);
  } finally {
    await context.close();
    server.close();
    server.closeAllConnections();
  }
}

const recorder = `
  globalThis.frames_ = { deltasMs: [], longTasksMs: [] };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) frames_.longTasksMs.push(duration);
  }).observe({ type: 'longtask' });
  let last_;
  const frame_ = (now) => {
    if (last_ !== undefined) frames_.deltasMs.push(now - last_);
    last_ = now;
    requestAnimationFrame(frame_);
  };
  requestAnimationFrame(frame_);
`;

/** Zooms, moves by wheel and by keys, and zooms back, again and again for `seconds`: what a person does with the keyboard focus on the drawing. */
export async function framesOf(page: Page, seconds: number): Promise<Frames> {
  await page.evaluate(recorder);
  await page.mouse.move(760, 150);
  const end = performance.now() + seconds * 1000;
  const times = async (count: number, act: () => Promise<void>) => {
    for (let done = 0; done < count && performance.now() < end; done++) await act();
  };
  const zoom = (deltaY: number) =>
    times(14, async () => {
      await page.keyboard.down('Control');
      await page.mouse.wheel(0, deltaY);
      await page.keyboard.up('Control');
    });
  while (performance.now() < end) {
    await zoom(-100);
    await times(20, () => page.mouse.wheel(40, 0));
    await times(10, () => page.keyboard.press('ArrowLeft'));
    await times(10, () => page.keyboard.press('ArrowRight'));
    await zoom(100);
  }
  return page.evaluate('frames_') as Promise<Frames>;
}
