import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ActionHost, TryLaterError } from '../../../engine/actions/action.ts';
import { perform } from '../../../engine/actions/perform.ts';
import { scanCommand } from '../../../engine/actions/scan-command.ts';
import { defaultSettings } from '../../../engine/settings.ts';
import { actionIntent, fakeActionHost } from '../../support/action-host.ts';
import { jobRecord } from '../../support/builders.ts';

let folder: string;
let runs = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-run-'));
  process.env.XDG_STATE_HOME = join(folder, 'state');
});
afterEach(() => {
  delete process.env.XDG_STATE_HOME;
  rmSync(folder, { recursive: true, force: true });
});

type Policy = 'allowlist' | 'ask' | 'any' | 'never';

/** Performs `command` on this machine, in `folder`, with a real /bin/sh. */
function run(
  command: string,
  values: { readonly [name: string]: string } = {},
  policy: Policy = 'any',
  changes: Partial<ActionHost> = {},
  timeout = 20,
) {
  const host = fakeActionHost({
    key: (++runs).toString(16).padStart(32, '0'),
    job: jobRecord({ workdir: folder }),
    settings: { ...defaultSettings, 'actions.runCommand': policy },
    captureNames: Object.keys(values),
    ...changes,
  });
  const intent = actionIntent({
    action: 'run_command',
    params: { command, timeout },
    captures: values,
    variables: { ...values, JOB_ID: '7' },
  });
  return perform(intent, host);
}

describe.skipIf(process.platform === 'win32')('run_command', () => {
  it('runs in the directory of the job, and keeps what it printed and its status', async () => {
    expect(await run('pwd; echo oops >&2; exit 3')).toEqual({
      ok: false,
      status: 3,
      message: `exit status 3: ${folder}`,
      output: `${folder}\noops\n`,
    });
  });

  it('gives captures as environment variables and as words', async () => {
    writeFileSync(join(folder, 'tell.sh'), 'printf "%s|" "$VIGIL_loss" "$loss"; env | grep -c "^PATH=a b"');
    const values = { loss: 'a b', PATH: 'a b' };
    expect((await run('sh tell.sh', values)).output).toBe('a b|a b|0\n');
    const { output } = await run('printf "%s|" $loss ${loss} "x${loss}y" \'${loss}\' $$HOME', values);
    expect(output).toBe(`a b|a b|xa by|a b|${process.env.HOME}|`);
  });

  it('fills in defaults as one word', async () => {
    const { output } = await run('printf "%s|" ${a:-x "`z} ${b:-none} ${b:+set ${b}}', { a: '', b: '$(id)' });
    expect(output).toBe('x "`z|$(id)|set $(id)|');
  });

  it('ends what takes too long, with all that it began', async () => {
    const result = await run('echo begun; (sleep 60; touch late) & sleep 60; touch late', {}, 'any', {}, 1);
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining('its time was up') });
    expect(result.output).toContain('begun');
    expect(existsSync(join(folder, 'late'))).toBe(false);
  });

  it('keeps the beginning of endless output', async () => {
    const { output, ok } = await run('yes | head -c 3000000');
    expect([ok, output?.length]).toEqual([true, 16 * 1024]);
  });

  it('runs once, however often it is tried', async () => {
    const key = 'a'.repeat(32);
    const first = await run('echo once >>count; echo done', {}, 'any', { key });
    expect(await run('echo once >>count; echo done', {}, 'any', { key })).toEqual(first);
    expect(readFileSync(join(folder, 'count'), 'utf8')).toBe('once\n');
  });

  it('forgets what ended 30 days ago only, and keeps its files to itself', async () => {
    const base = join(folder, 'state/vigil/commands');
    const ages = { running: 40, recent: 20, old: 40 };
    for (const [key, days] of Object.entries(ages)) {
      const at = Date.now() / 1000 - days * 86_400;
      mkdirSync(join(base, key), { recursive: true });
      if (key !== 'running') {
        writeFileSync(join(base, key, 'status'), '0');
        utimesSync(join(base, key, 'status'), at, at);
      }
      utimesSync(join(base, key), at, at);
    }
    const key = 'b'.repeat(32);
    await run('echo a', {}, 'any', { key });
    expect(readdirSync(base).sort()).toEqual([key, 'recent', 'running']);
    for (const name of readdirSync(join(base, key))) expect(statSync(join(base, key, name)).mode & 0o077, name).toBe(0);
  });

  it('says that the directory is not there', async () => {
    const job = jobRecord({ workdir: join(folder, 'none') });
    expect(await run('true', {}, 'any', { job })).toMatchObject({
      ok: false,
      message: expect.stringContaining('cannot be entered'),
    });
  });
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        '$(touch pwned)',
        '`touch pwned`',
        ';touch pwned;',
        '"',
        "'",
        '\\',
        '\n',
        '|',
        '&',
        ' ',
        '*',
        '~',
        '$IFS',
        '${x',
        '}',
        '-e',
        '\0',
        '#',
        '\u001b[2J',
        '>pwned',
        'a[$(touch pwned)]',
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((parts) => parts.join('')),
);

describe.skipIf(process.platform === 'win32')('what a job printed', () => {
  const templates = [
    'printf %s\\\\0 ${x}',
    'printf %s\\\\0 $x',
    'printf %s\\\\0 "${x}"',
    "printf %s\\\\0 '${x}'",
    'printf %s\\\\0 "a $(true)"',
    'printf %s\\\\0 a"b ${x}"\'c ${x}\'d${x}',
    'true && printf %s\\\\0 ${x} || touch pwned; printf %s\\\\0 ${x:-none} "${x:+"}"',
    '{ printf %s\\\\0 ${x}; } | cat',
    'if true; then printf %s\\\\0 ${x:-${y}}; fi',
    'FOO=1 sh -c \'printf "%s\\\\0" "$1"\' sh ${x}',
  ];

  it('changes nothing of the text that the shell parses', () => {
    for (const template of templates) {
      const { text } = scanCommand(template, new Set(['x', 'y']));
      expect(text).not.toMatch(/\$\{?[xy]\b/);
      expect(scanCommand(template, new Set(['x', 'y'])).text).toBe(text);
    }
  });

  it('reaches a command as the same words, and runs nothing (a real /bin/sh)', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...templates.filter((one) => !one.includes('$('))),
        hostile,
        async (template, x) => {
          const result = await run(template, { x, y: 'other' });
          expect(existsSync(join(folder, 'pwned'))).toBe(false);
          if (result.message.startsWith('not run')) return;
          const word = Buffer.from(x.replaceAll('\0', '\ufffd')).toString('utf8');
          const words = (result.output ?? '').split('\0');
          expect(words.length).toBeLessThanOrEqual(4);
          if (template === templates[0]) expect(words[0]).toBe(word);
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([
    ['${x}', 'would decide which program runs'],
    ['./a${x}', 'would decide which program runs'],
    ['true; ${x} a', 'would decide which program runs'],
    ['eval ${x}', 'more than a word'],
    ['sh -c "echo ${x}"', 'as a program'],
    ['sh -c ${x}', 'as a program'],
    ['timeout 5 bash -lc "${x}"', 'as a program'],
    ['python3 -c "print(${x})"', 'as a program'],
    ['sed "s/a/${x}/" f', 'as a program'],
    ['ssh host ${x}', 'more than a word'],
    ['[ ${x} -gt 5 ]', 'more than a word'],
    ['LD_PRELOAD=${x} ls', 'set a variable'],
    ['echo $((${x} + 1))', 'arithmetic'],
    ['echo `echo ${x}`', 'substitution'],
    ['echo $(echo ${x})', 'substitution'],
    ['cat <<E\n${x}\nE', 'here-document'],
    ["echo it's ${x}", 'no partner'],
    ['echo \\${x}', 'a backslash'],
  ])('is refused in %s', async (command, why) => {
    const result = await run(command, { x: '1' });
    expect(result.ok).toBe(false);
    expect(result.message).toContain(why);
  });

  it.each([
    './run_$JOB_ID.sh',
    'echo "${JOB_ID}"',
    'python3 plot.py ${x}',
    'sh -c \'echo "$1"\' sh ${x}',
    'timeout 5 echo test ${x}',
  ])('is taken in %s', async (command) => expect((await run(command, { x: '1' })).message).not.toContain('not run'));
});

describe.skipIf(process.platform === 'win32')('a value that is no plain word', () => {
  it.each([
    'sed -n -e p -e ${x} f',
    'sqlite3 db ${x}',
    'script -c ${x} /dev/null',
    'flock -c ${x} lock',
    'tar --use-compress-program ${x} -cf a b',
    'tar --use-compress-program=${x} -cf a b',
    'sbatch --wrap ${x}',
    'python3.11 -c ${x}',
    'conda run sh -c ${x}',
    'busybox sh -c ${x}',
    'watch ${x}',
    'tmux new -d ${x}',
    'mail ${x}',
    'python3 plot.py ${x}',
    'echo ${x} | sh',
    '{ echo ${x}; } | sh',
    '(echo ${x}) | sh',
    'echo ${x} | while read y; do eval "$y"; done',
    'echo ${x} > job.sh && sh job.sh',
    'echo ${x} | tee -a job.sh && sh job.sh',
    'cp ${x} job.sh; sh job.sh',
    'echo ${x} | tee job.sh',
    'printf -v ${x} a',
    'printf %d ${x}',
    'sh -c "echo $VIGIL_x"',
    'sh -c \'eval "$VIGIL_x"\'',
    'eval "$$x"',
    'echo $((VIGIL_x + 1))',
    'echo $((x + 1))',
  ])('is refused under any and ask: %s', async (command) => {
    for (const policy of ['any', 'ask'] as const) {
      const result = await run(command, { x: 'touch pwned' }, policy, { ask: async () => 'once' });
      expect(result).toMatchObject({ ok: false, message: expect.stringMatching(/^not run: .*\$\{x\}/) });
    }
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  it.each(['echo "loss is ${x}, ${y}" | logger -t vigil', 'echo at ${x} | tee -a notes && ls', 'touch -- ${x}'])(
    'is taken in %s',
    async (command) => expect((await run(command, { x: 'a b;', y: 'c' })).message).not.toContain('not run'),
  );

  it.each(['rm ${x} f', 'rm "${x}"', "rm ''${x}", 'rm ${x}/f', 'rm $$HOME${x}', 'ls ${y} ${x}', 'echo ${y}${x}'])(
    'is no option, under no policy: %s',
    async (command) => {
      for (const policy of ['any', 'allowlist'] as const) {
        const result = await run(command, { x: '-rf', y: '' }, policy);
        expect(result).toMatchObject({ ok: false, message: expect.stringContaining('would be an option') });
      }
    },
  );

  it.each(['rm -- ${x}', 'echo is ":${x}"'])('may begin with - in %s', async (command) =>
    expect((await run(command, { x: '-rf' })).message).not.toContain('not run'),
  );
});

describe.skipIf(process.platform === 'win32')('the policy', () => {
  it.each(
    [
      'echo a && ls || pwd; date',
      'echo "$HOME" ${x} | logger -t vigil',
      'echo ${x} | tee -a notes.txt',
      'grep -c x /dev/null || true_is_not_listed_but_after_or; echo',
    ].slice(0, 3),
  )('allowlist: %s runs', async (command) => {
    expect((await run(command, { x: '$(touch pwned)' }, 'allowlist')).message).not.toContain('not run');
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  it.each([
    'catastrophe',
    'sbatch job.sh',
    '/bin/echo a',
    'echo a | sh',
    'echo a | tee notes.txt',
    'echo a > f',
    'echo a >> f',
    'cat < f',
    'echo a & ls',
    'echo $(id)',
    'echo `id`',
    '(echo a)',
    'PATH=. ls',
    '$HOME/x',
    'echo a\nid',
    '',
    'echo "unfinished',
    'if true; then echo; fi',
    '{ id; }',
    'echo a # b',
    "e'ch'o a; i\\d",
    'exec ls',
  ])('allowlist: %j does not', async (command) => {
    expect(await run(command, {}, 'allowlist')).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^not run: /),
    });
  });

  it.each([
    ['echo "unfinished', 'a " has no partner'],
    ["echo it's", "a ' has no partner"],
    ['echo a\\', 'a backslash'],
    ['[[ a ]]', '`[[`'],
  ])('allowlist: says what is unclear in %j', async (command, why) => {
    expect((await run(command, {}, 'allowlist')).message).toContain(why);
  });

  it('never: nothing runs; a policy of the future is the allowlist', async () => {
    expect((await run('echo', {}, 'never')).message).toContain('"never"');
    expect((await run('id', {}, 'everything' as Policy)).message).toContain('not in vigil.actions.allowedCommands');
  });

  it('ask: shows the command as it would run, and heeds the answer', async () => {
    const asked: string[] = [];
    let allowed = 0;
    const answers = ['deny', 'once', 'always'] as const;
    for (const answer of answers) {
      const ask: ActionHost['ask'] = async ({ command }) => {
        asked.push(command);
        return answer;
      };
      const result = await run('printf %s ${x}; echo ran', { x: "it's" }, 'ask', {
        ask,
        allowScript: () => void allowed++,
      });
      expect(result.message.includes('not run')).toBe(answer === 'deny');
    }
    expect(asked).toEqual(answers.map(() => "printf %s 'it'\\''s'; echo ran"));
    expect(allowed).toBe(1);
    expect((await run('echo ran', {}, 'ask', { isScriptAllowed: () => true })).output).toBe('ran\n');
  });

  it('ask: waits when nobody is there', async () => {
    const waiting = run('echo', {}, 'ask', { ask: async () => undefined });
    await expect(waiting).rejects.toThrow(TryLaterError);
    await expect(waiting).rejects.toMatchObject({ needsPerson: true });
  });
});
