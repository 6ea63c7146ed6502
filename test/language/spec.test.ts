/** What watchers mean to the engine: both forms, every property, every way to write an action. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseScript } from '../../language/script/parse-script.ts';
import { bindWatchers, type WatcherSpec } from '../../language/watcher/spec.ts';

function bind(text: string): readonly WatcherSpec[] {
  return bindWatchers(parseScript(text));
}

function only(...lines: readonly string[]): WatcherSpec | undefined {
  return bind(['#!/bin/bash', ...lines, ''].join('\n'))[0];
}

const block = (...lines: readonly string[]) =>
  only('#WATCHER_BEGIN', ...lines.map((line) => `# ${line}`), '#WATCHER_END');

const defaults: WatcherSpec = {
  name: 'watcher-1',
  line: 1,
  captures: [],
  actions: [{ name: 'log_event', params: {} }],
  intervalSeconds: 60,
  outputType: 'stdout',
  maxFailures: 5,
  cooldownSeconds: 0,
  triggerOnJobEnd: false,
  triggerJobStates: ['completed', 'failed', 'timeout'],
  timerMode: false,
  timerIntervalSeconds: 30,
  remainingResubmits: 10,
  enabled: true,
};

describe('properties', () => {
  it('have defaults', () => {
    expect(only('#WATCHER pattern="x"')).toEqual({ ...defaults, pattern: 'x' });
  });

  const every: readonly (readonly [string, string, Partial<WatcherSpec>])[] = [
    ['name', '"a b"', { name: 'a b' }],
    ['interval', '2m', { intervalSeconds: 120 }],
    ['interval_seconds', '90', { intervalSeconds: 90 }],
    ['output_type', 'STDERR', { outputType: 'stderr' }],
    ['output', 'both', { outputType: 'both' }],
    ['max_triggers', '3', { maxTriggers: 3 }],
    ['max_failures', '2', { maxFailures: 2 }],
    ['cooldown', '1h', { cooldownSeconds: 3600 }],
    ['trigger_on_job_end', 'yes', { triggerOnJobEnd: true }],
    ['trigger_job_states', '[failed,cancelled]', { triggerJobStates: ['failed', 'cancelled'] }],
    ['timer_mode', 'True', { timerMode: true }],
    ['timer_mode_enabled', 'true', { timerMode: true }],
    ['timer_interval', '1d', { timerIntervalSeconds: 86_400 }],
    ['remaining_resubmits', '0', { remainingResubmits: 0 }],
    ['resubmit_count', '4', { remainingResubmits: 4 }],
    ['silence', '10m', { silenceSeconds: 600 }],
    ['enabled', 'no', { enabled: false }],
    ['CONDITION', '"1 > 0"', { condition: '1 > 0' }],
  ];

  it.each(every)('%s=%s', (key, value, wanted) => {
    expect(only(`#WATCHER pattern="x" ${key}=${value}`)).toEqual({ ...defaults, pattern: 'x', ...wanted });
    expect(block('pattern: x', `${key}: ${value}`)).toEqual({ ...defaults, pattern: 'x', ...wanted });
  });
});

describe('texts', () => {
  it.each([
    ['inline, raw', only(String.raw`#WATCHER pattern="a\d\.\\b"`), String.raw`a\d\.\\b`],
    ['inline, with its own quotes', only(String.raw`#WATCHER pattern="say \"hi\" it's"`), `say "hi" it's`],
    ['inline, in single quotes', only(String.raw`#WATCHER pattern='it\'s "x"'`), `it's "x"`],
    ['inline, a set as a bare word', only('#WATCHER pattern=[0-9]+'), '[0-9]+'],
    ['inline, a set that looks like a list', only('#WATCHER pattern=[0-9]'), '[0-9]'],
    ['inline, a word that looks like a call', only('#WATCHER pattern=loss(\\d+)x'), 'loss(\\d+)x'],
    ['block, in quotes', block(String.raw`pattern: "a\"b # c"`), String.raw`a\"b # c`],
    ['block, without quotes', block('pattern: epoch # 5  '), 'epoch # 5'],
    ['block, only one quote', block('pattern: "x'), '"x'],
    ['block, a colon inside', block('pattern: a: b'), 'a: b'],
    ['block, no blank', block('pattern:x'), 'x'],
  ])('%s', (_name, spec, pattern) => {
    expect(spec?.pattern).toBe(pattern);
  });

  it.each([
    ["'a' == line or line == 'b'", "'a' == line or line == 'b'"],
    ['"line == \'a\'"', "line == 'a'"],
    ['"line == "a""', 'line == "a"'],
    ["'a'", 'a'],
    ['line == "a"', 'line == "a"'],
  ])('a condition %s in a block', (written, condition) => {
    const spec = block('pattern: (?P<a>x)', `condition: ${written}`);
    expect(spec?.condition).toBe(condition);
  });

  it('an unquoted condition inline works as it is written', () => {
    expect(only('#WATCHER pattern="(?P<loss>x)" condition=float(loss)>5')?.condition).toBe('float(loss)>5');
  });
});

describe('captures', () => {
  it.each([
    ['[a, b]', ['a', 'b']],
    ['a, b', ['a', 'b']],
    ['["a", \'b\']', ['a', 'b']],
    ['[a]', ['a']],
  ])('%s', (written, captures) => {
    expect(block('pattern: (x)(y)', `captures: ${written}`)?.captures).toEqual(captures);
  });

  it('as items', () => {
    expect(block('pattern: (x)(y)', 'captures:', '  - a', '  - "b"')?.captures).toEqual(['a', 'b']);
  });
});

describe('actions', () => {
  const actionOf = (written: string) => block('pattern: (?P<loss>x)', `action: ${written}`)?.actions[0];

  it.each([
    ['cancel', { name: 'cancel_job', params: {} }],
    ['cancel_job()', { name: 'cancel_job', params: {} }],
    [
      'cancel_job(reason="Loss, (too) high = bad")',
      { name: 'cancel_job', params: { reason: 'Loss, (too) high = bad' } },
    ],
    ["cancel_job(reason='it\\'s \"x\"')", { name: 'cancel_job', params: { reason: 'it\'s "x"' } }],
    ['log_event(message="a\\nb \\d")', { name: 'log_event', params: { message: 'a\nb \\d' } }],
    ['log_event checkpoint saved', { name: 'log_event', params: { message: 'checkpoint saved' } }],
    [
      'log_event(message="m", level="WARNING", condition="float(loss) > 1")',
      { name: 'log_event', params: { message: 'm', level: 'warning' }, condition: 'float(loss) > 1' },
    ],
    [
      'notify_email(to="a@b", subject="s", message="m")',
      { name: 'notify_email', params: { to: 'a@b', subject: 's', message: 'm' } },
    ],
    ['email(to=["a", "b"])', { name: 'notify_email', params: { to: ['a', 'b'] } }],
    [
      'resubmit(modifications={"mem": "32G", "nested": {"a": [1, 2.5, -3]}, "x": null}, cancel_previous=false)',
      {
        name: 'resubmit',
        params: { modifications: { mem: '32G', nested: { a: [1, 2.5, -3] }, x: null }, cancel_original: false },
      },
    ],
    ['resubmit(delay=10m)', { name: 'resubmit', params: { delay: 600 } }],
    [
      'resubmit(delay="90s", cancel_original="no")',
      { name: 'resubmit', params: { delay: 90, cancel_original: false } },
    ],
    [
      'run(command="echo $(date) | logger", timeout=30)',
      { name: 'run_command', params: { command: 'echo $(date) | logger', timeout: 30 } },
    ],
    ['store(name="loss", value="${loss}")', { name: 'store_metric', params: { name: 'loss', value: '${loss}' } }],
    ['metric(name="loss", value=0x10)', { name: 'store_metric', params: { name: 'loss', value: 16 } }],
    ['cancel_job(reason=too high)', { name: 'cancel_job', params: { reason: 'too high' } }],
    ['cancel_job(reason=${loss})', { name: 'cancel_job', params: { reason: '${loss}' } }],
    ['emit_event(name="e", payload=(1, True))', { name: 'emit_event', params: { name: 'e', payload: [1, true] } }],
  ])('%s', (written, action) => {
    expect(actionOf(written)).toEqual(action);
  });

  it('run in the order written, however they are written', () => {
    const spec = block(
      'pattern: (?P<loss>x)',
      'action: log_event(message="1")',
      'actions:',
      '  - log_event(message="2")',
      '  - type: log_event',
      '    params: {"message": "3", "level": "error"}',
      '    condition: float(loss) > 3',
      '  - "log_event 4"',
      'interval: 5',
      'actions: [log_event(message="5"), cancel]',
    );
    expect(spec?.actions).toEqual([
      { name: 'log_event', params: { message: '1' } },
      { name: 'log_event', params: { message: '2' } },
      { name: 'log_event', params: { message: '3', level: 'error' }, condition: 'float(loss) > 3' },
      { name: 'log_event', params: { message: '4' } },
      { name: 'log_event', params: { message: '5' } },
      { name: 'cancel_job', params: {} },
    ]);
    expect(spec?.intervalSeconds).toBe(5);
  });

  it('may be repeated inline', () => {
    const spec = only(
      '#WATCHER action=log_event(message="a) b") pattern=x action="cancel_job(reason=\\"y\\")" action=cancel',
    );
    expect(spec?.actions).toEqual([
      { name: 'log_event', params: { message: 'a) b' } },
      { name: 'cancel_job', params: { reason: 'y' } },
      { name: 'cancel_job', params: {} },
    ]);
  });
});

describe('places', () => {
  it('watchers stand anywhere, indented or not, with any line break', () => {
    const specs = bind(
      '#!/bin/bash\r\necho\r\n\t#WATCHER pattern="a"\r\nfor x; do\r\n  #WATCHER_BEGIN\r\n  # pattern: b\r\n  #WATCHER_END\r\ndone\r\n',
    );
    expect(specs.map(({ pattern, line, name }) => [pattern, line, name])).toEqual([
      ['a', 2, 'watcher-1'],
      ['b', 4, 'watcher-2'],
    ]);
  });

  it('one with an error is left out, the others stay', () => {
    const specs = bind(
      '#!/bin/bash\n#WATCHER pattern="a"\n#WATCHER pattern="("\n#WATCHER pattern="c" action=cancle()\n#WATCHER pattern="d"\n',
    );
    expect(specs.map(({ pattern, name }) => [pattern, name])).toEqual([
      ['a', 'watcher-1'],
      ['d', 'watcher-4'],
    ]);
  });

  it('the example', () => {
    const specs = bind(readFileSync(join(import.meta.dirname, '..', '..', 'examples', 'train.sh'), 'utf8'));
    expect(specs.map(({ name, captures, actions }) => [name, captures, actions.map((action) => action.name)])).toEqual([
      ['checkpoints', ['path', 'epoch'], ['log_event']],
      ['loss_monitor', ['epoch', 'loss'], ['store_metric', 'notify', 'cancel_job']],
    ]);
    expect(specs[1]?.condition).toBe('float(loss) > 5.0');
  });
});
