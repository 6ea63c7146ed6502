/** What VS Code loads in the extension host (`extensionTestsPath`): runs the suites with mocha and tells each result in a file. */
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import { eventsVariable, type TestEvent } from './test-event.ts';

/** Not tight: the machine may be busy. */
const testTimeoutMs = 120_000;

export async function run(): Promise<void> {
  const file = process.env[eventsVariable];
  const emit = (event: TestEvent) => {
    if (file) appendFileSync(file, `${JSON.stringify(event)}\n`);
  };
  const grep = process.env.VIGIL_TEST_GREP;
  const mocha = new Mocha({
    ui: 'bdd',
    color: false,
    timeout: testTimeoutMs,
    reporter: 'spec',
    ...(grep ? { grep } : {}),
  });
  const suites = join(__dirname, 'suite');
  for (const name of readdirSync(suites)
    .filter((name) => name.endsWith('.test.js'))
    .sort())
    mocha.addFile(join(suites, name));

  let passed = 0;
  let failed = 0;
  let skipped = 0;
  emit({ type: 'start' });
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', (test) => {
      passed += 1;
      emit({ type: 'pass', title: test.fullTitle(), ms: test.duration ?? 0 });
    });
    runner.on('pending', (test) => {
      skipped += 1;
      emit({ type: 'skip', title: test.fullTitle() });
    });
    runner.on('fail', (test, error: Error) => {
      failed += 1;
      emit({ type: 'fail', title: test.fullTitle(), stack: error.stack ?? String(error) });
    });
  });
  emit({ type: 'end', passed, failed, skipped });
  if (passed + failed === 0) throw new Error('no test was executed');
  if (failed > 0) throw new Error(`${failed} tests failed`);
}
