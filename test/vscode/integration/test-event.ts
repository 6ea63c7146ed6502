/** What the tests inside VS Code tell the program that started them: one JSON object a line, in a file. */

export type TestEvent =
  | { readonly type: 'start' }
  | { readonly type: 'pass'; readonly title: string; readonly ms: number }
  | { readonly type: 'skip'; readonly title: string }
  | { readonly type: 'fail'; readonly title: string; readonly stack: string }
  | { readonly type: 'end'; readonly passed: number; readonly failed: number; readonly skipped: number };

/** Names the file. */
export const eventsVariable = 'VIGIL_TEST_EVENTS';
