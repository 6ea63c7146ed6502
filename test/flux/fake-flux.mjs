#!/usr/bin/env node
/**
 * A fake `flux`: it plays recordings of a real Flux (test/recordings/flux), and refuses what was not recorded. A script says
 * which recorded job it is to become: `# recorded: success`. State is in $FAKE_FLUX_DIR, so that several processes of it are
 * one instance. The journal is that of Vigil's own program (engine/schedulers/flux-journal.ts), as it would print it.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const recordings = join(import.meta.dirname, '..', 'recordings', 'flux');
const state = process.env.FAKE_FLUX_DIR ?? refuse('FAKE_FLUX_DIR is not set');
mkdirSync(state, { recursive: true });
/** Events come so much faster than they were recorded. */
const speed = Number(process.env.FAKE_FLUX_SPEED ?? 5);

function refuse(what) {
  process.stderr.write(`fake-flux: not recorded: ${what}\n`);
  process.exit(64);
}

const recording = (name) => JSON.parse(readFileSync(join(recordings, `${name}.json`), 'utf8'));
const log = (name, kind) => {
  const file = join(recordings, `${name}.${kind}.ndjson`);
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
};

/** Recorded jobs that may be submitted again, with the id they had. */
const ids = {
  success: 'ƒ4vYcmef',
  batch: 'ƒm8fb1uh',
  'fail-exit-3': 'ƒ8XRyaab',
  'cancel-running': 'ƒBahRhuy',
  timeout: 'ƒEfjAyh9',
  'exception-oom': 'ƒG1to7Td',
  'exception-nonfatal': 'ƒH78cUej',
  'dependency-ok': 'ƒZerFZPd',
  'memo-update': 'ƒX51a9SF',
  urgency: 'ƒVsMdtWb',
  'kill-usr1': 'ƒKhWRdXM',
};

function replay({ stdout, stderr, exit_code: status }) {
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exit(status);
}

function jobs() {
  return readdirSync(state)
    .filter((file) => file.endsWith('.job'))
    .map((file) => JSON.parse(readFileSync(join(state, file), 'utf8')));
}

/** The log of a job as far as it has come; an event that answers to a command waits for the command. */
function soFar(job, kind) {
  const all = log(job.name, kind);
  const first = log(job.name, 'eventlog')[0].timestamp;
  const cause = { 'cancel-running': 'exception', 'exception-nonfatal': 'exception' }[job.name];
  const main = log(job.name, 'eventlog');
  const barrier = main.find(({ name }) => name === cause)?.timestamp ?? Infinity;
  const released = existsSync(join(state, `${job.name}.released`));
  const elapsed = ((Date.now() - job.submitted) / 1000) * speed;
  return all.filter(({ timestamp }) => timestamp - first <= elapsed && (released || timestamp < barrier - 0.0001));
}

const jobOf = (id) =>
  jobs().find((job) => job.id.slice(1) === id.slice(1)) ??
  replay({ stdout: '', stderr: `flux-job: job ${id} not found\n`, exit_code: 1 });
const isOver = (job) => soFar(job, 'eventlog').some(({ name }) => name === 'clean');
const [command, ...rest] = process.argv.slice(2);

async function batch(argv) {
  const script = readFileSync(0, 'utf8');
  if (!script.startsWith('#!'))
    replay({
      ...recording('batch-directive.no-shebang'),
      stderr: recording('batch-directive.no-shebang').stderr.replace('fx/bad-no-shebang.sh', 'stdin'),
    });
  if (/^#flux: --no-such-option/m.test(script)) replay(recording('batch-directive.unknown-option'));
  const name = /^# recorded: (\S+)/m.exec(script)?.[1] ?? refuse('a script without "# recorded: NAME"');
  const id = ids[name] ?? refuse(`a job ${name}`);
  const words = argv.map((word) => /^--([\w-]+)=(.*)$/s.exec(word)?.slice(1) ?? refuse(`flux batch ${word}`));
  // flux-batch(1): a rule that is a name takes the variable from the environment of flux batch.
  const taken = words
    .filter(([option]) => option === 'env')
    .map(([, variable]) => `${variable}=${process.env[variable]}\n`);
  if (taken.length > 0) writeFileSync(join(state, 'environment'), taken.join(''));
  const options = Object.fromEntries(words);
  if (existsSync(join(state, `${name}.job`))) refuse(`a second job ${name}`);
  const key = /^user\.vigil=([\w-]+)$/.exec(options.setattr ?? '')?.[1];
  const output = join(process.cwd(), `flux-${id}.out`);
  const job = {
    id,
    name,
    key,
    jobName: options['job-name'] ?? 'batch',
    cwd: process.cwd(),
    submitted: Date.now(),
    output,
    isInKvs: /^#flux: --output=kvs$/m.test(script),
  };
  writeFileSync(join(state, `${name}.job`), JSON.stringify(job));
  if (process.env.FAKE_FLUX_LOSE_REPLY) process.kill(process.pid, 'SIGKILL');
  process.stdout.write(`${id}\n`);
}

const jobspecOf = (job) => ({
  attributes: {
    system: {
      cwd: job.cwd,
      job: { name: job.jobName },
      shell: {
        options: { output: { stdout: job.isInKvs ? { type: 'kvs' } : { type: 'file', path: 'flux-{{id}}.out' } } },
      },
    },
    ...(job.key ? { user: { vigil: job.key } } : {}),
  },
});

/** Prints what the journal program would: the past, `live`, then what comes. Writes the job's output when its time comes. */
function journal() {
  if (process.env.FAKE_FLUX_NO_JOURNAL) {
    process.stderr.write('PermissionError: [Errno 1] Operation not permitted\n');
    process.exit(1);
  }
  const told = new Map();
  let live = false;
  const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const step = () => {
    for (const job of jobs()) {
      write(job);
      for (const kind of ['eventlog', 'guest.exec.eventlog']) {
        // Of the past only what still goes on has its execution watched.
        if (kind !== 'eventlog' && !live && isOver(job)) continue;
        const key = `${job.name} ${kind}`;
        const events = soFar(job, kind);
        for (const event of events.slice(told.get(key) ?? 0)) {
          tell({
            id: job.id,
            log: kind,
            event,
            ...(kind === 'eventlog' && event.name === 'submit' ? { jobspec: jobspecOf(job) } : {}),
            ...(event.name === 'alloc' ? { R: JSON.parse(recording('info.R').stdout) } : {}),
          });
        }
        told.set(key, events.length);
      }
    }
    if (!live) tell({ live: true });
    live = true;
  };
  step();
  setInterval(step, 10);
}

/** `flux job eventlog -F`: it ends with `clean`. */
function follow(id, kind) {
  let told = 0;
  const step = () => {
    write(jobOf(id));
    const events = soFar(jobOf(id), kind);
    for (const event of events.slice(told)) process.stdout.write(`${JSON.stringify(event)}\n`);
    told = events.length;
    if (isOver(jobOf(id))) process.exit(0);
  };
  appendFileSync(join(state, 'followed'), `${id}\n`);
  step();
  setInterval(step, 10);
}

function write(job) {
  if (job.isInKvs) return;
  const file = join(state, `${job.name}.written`);
  const lines = soFar(job, 'guest.output').filter(({ name, context }) => name === 'data' && context.data !== undefined);
  const written = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const hasStarted = soFar(job, 'eventlog').some(({ name: event }) => event === 'start');
  if (!existsSync(job.output) && hasStarted) writeFileSync(job.output, '');
  if (lines.length <= written) return;
  writeFileSync(file, String(lines.length));
  appendFileSync(
    job.output,
    lines
      .slice(written)
      .map(({ context }) => context.data)
      .join(''),
  );
}

const run = {
  version: () => replay(recording('version')),
  batch: () => batch(rest),
  python: () => journal(),
  jobs() {
    if (rest.join(' ') !== '-a --json') refuse(`flux jobs ${rest.join(' ')}`);
    const states = {
      submit: 'DEPEND',
      validate: 'DEPEND',
      depend: 'PRIORITY',
      priority: 'SCHED',
      alloc: 'RUN',
      start: 'RUN',
      exception: 'CLEANUP',
      finish: 'CLEANUP',
      release: 'CLEANUP',
      free: 'CLEANUP',
      clean: 'INACTIVE',
    };
    const told = jobs().map((job) => {
      const { jobid, nodelist } = JSON.parse(recording(`${job.name}.jobs`).stdout);
      return { jobid, nodelist, state: states[soFar(job, 'eventlog').at(-1)?.name] ?? 'RUN' };
    });
    process.stdout.write(`${JSON.stringify({ jobs: told })}\n`);
  },
  job() {
    const [verb, ...args] = rest;
    const id = args.at(-1);
    if (verb === 'info' && id === 'jobspec')
      return process.stdout.write(`${JSON.stringify(jobspecOf(jobOf(args[0])))}\n`);
    if (verb === 'eventlog') {
      const kinds = { exec: 'guest.exec.eventlog', output: 'guest.output' };
      const kind = kinds[args[args.indexOf('-p') + 1]] ?? 'eventlog';
      if (kind === 'guest.output' && soFar(jobOf(id), kind).length === 0)
        replay({ stdout: '', stderr: recording('eventlog-bad-path').stderr.replace('nosuch', 'output'), exit_code: 1 });
      if (args.includes('-F')) return follow(id, kind);
      return process.stdout.write(
        soFar(jobOf(id), kind)
          .map((event) => `${JSON.stringify(event)}\n`)
          .join(''),
      );
    }
    if (verb === 'urgency') {
      if (isOver(jobOf(args[0]))) replay(recording('urgency-finished'));
      return appendFileSync(join(state, 'commands'), `job ${rest.join(' ')}\n`);
    }
    if (verb === 'raise' || verb === 'memo') return appendFileSync(join(state, 'commands'), `job ${rest.join(' ')}\n`);
    if (verb === 'kill' && args[0] === '-s') return appendFileSync(join(state, 'commands'), `job ${rest.join(' ')}\n`);
    refuse(`flux job ${rest.join(' ')}`);
  },
  cancel() {
    const job = jobOf(rest.at(-1));
    if (isOver(job)) replay(recording('cancel-finished'));
    writeFileSync(join(state, `${job.name}.released`), '');
    appendFileSync(join(state, 'commands'), `cancel ${rest.join(' ')}\n`);
  },
  update: () => appendFileSync(join(state, 'commands'), `update ${rest.join(' ')}\n`),
}[command];

// What the jobs have printed until now is there before anything is told of them.
for (const job of jobs()) write(job);
if (run) await run();
else refuse(`flux ${process.argv.slice(2).join(' ')}`);
