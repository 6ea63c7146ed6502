/** Reads what Slurm's commands print (20.11 to 25.x). Pure; pinned by recordings of a real Slurm in test/recordings/slurm. */
import { parseTimeLimit } from '../../language/directives/values.ts';
import type { JobState, Timestamp } from '../protocol.ts';
import type { JobSnapshot } from './scheduler.ts';

/** ASCII unit separator: no field of Slurm's can hold it. */
const separator = '\u001f';

/** One per column of `squeueFormat`, in this order (squeue(1), --format). */
const squeueColumns = [
  '%i', // job id, or 16_3 for an array task
  '%T', // state
  '%r', // reason
  '%P', // partition
  '%a', // account
  '%q', // QOS
  '%Q', // priority
  '%N', // nodes
  '%V', // submit time
  '%S', // start time: expected one for pending jobs
  '%e %l', // end time: expected one for running jobs; time limit
  '%Z', // working directory
  '%j', // name
] as const;

export const squeueFormat = squeueColumns.join(separator);
export const squeueKeyFormat = ['%i', '%k'].join(separator);

/** Of sacct(1), --delimiter. */
export const sacctDelimiter = separator;

/** Columns of sacct(1), --format, in this order; JobName last, as in squeue. */
export const sacctColumns: readonly string[] = [
  ...['JobID', 'State', 'ExitCode', 'Submit', 'Eligible', 'Start', 'End', 'Partition', 'Account', 'QOS', 'NodeList'],
  ...['WorkDir', 'JobName'],
];

/** The reason that a job has here whose place another cluster of the federation has taken. */
export const revoked = 'Revoked';

/** Slurm's states (squeue(1), JOB STATE CODES) as ours. */
const states: { readonly [slurm: string]: JobState } = {
  PENDING: 'pending',
  REQUEUED: 'pending',
  REQUEUE_HOLD: 'pending',
  REQUEUE_FED: 'pending',
  SPECIAL_EXIT: 'pending',
  RESV_DEL_HOLD: 'pending',
  // Requeued and held, as its start or its nodes failed (23.02, 24.05); requeued to start at once (25.11).
  LAUNCH_FAILED: 'pending',
  RECONFIG_FAIL: 'pending',
  EXPEDITING: 'pending',
  // Its nodes boot: it has them, but nothing runs, and its start time will change.
  CONFIGURING: 'pending',
  POWER_UP_NODE: 'pending',
  // Another cluster of the federation has it: here it is neither cancelled nor over.
  REVOKED: 'pending',
  RUNNING: 'running',
  RESIZING: 'running',
  SIGNALING: 'running',
  SUSPENDED: 'suspended',
  STOPPED: 'suspended',
  COMPLETING: 'completing',
  STAGE_OUT: 'completing',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TIMEOUT: 'timeout',
  OUT_OF_MEMORY: 'out_of_memory',
  NODE_FAIL: 'node_fail',
  BOOT_FAIL: 'boot_fail',
  DEADLINE: 'deadline',
  PREEMPTED: 'preempted',
};

/** `CANCELLED by 1001` and `CANCELLED+` are forms of sacct(1). A state of a Slurm to come counts as running. */
export function parseState(text: string): Pick<JobSnapshot, 'state' | 'cancelledBy' | 'configuring'> {
  const match = /^([A-Z_]+)\+?(?: by (\d+))?/.exec(text);
  const state = states[match?.[1] ?? ''] ?? 'running';
  const configuring = match?.[1] === 'CONFIGURING' || match?.[1] === 'POWER_UP_NODE' ? { configuring: true } : {};
  return { state, ...configuring, ...(match?.[2] ? { cancelledBy: Number(match[2]) } : {}) };
}

/** `EXIT:SIGNAL` as a wait(2) status: `3:0` is 768. */
export function parseExitCode(text: string): number | undefined {
  const match = /^(\d+):(\d+)$/.exec(text);
  return match ? (Number(match[1]) << 8) | Number(match[2]) : undefined;
}

/**
 * Times are asked for as seconds since the epoch (SLURM_TIME_FORMAT=%s), and in UTC where a site's wrapper has its own
 * mind about the format; `Unknown`, `N/A`, `None` are none.
 */
export function parseTime(text: string | undefined): Timestamp | undefined {
  if (!text || text === '0') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const seconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text) ? Date.parse(`${text}Z`) / 1000 : Number.NaN;
  return Number.isNaN(seconds) ? undefined : seconds;
}

export function parseSqueue(stdout: string): JobSnapshot[] {
  return records(stdout, separator, squeueColumns.length).map((fields) => {
    const [
      id = '',
      stateText = '',
      reason,
      partition,
      account,
      qos,
      priority,
      nodes,
      submit,
      start,
      endAndLimit = '',
      workdir,
      name,
    ] = fields;
    const [end, limit] = endAndLimit.split(' ');
    const { state, configuring } = parseState(stateText);
    const shownReason = configuring ? 'Configuring' : stateText === 'REVOKED' ? revoked : reason;
    const waits = state === 'pending' && !configuring;
    return {
      jobId: id,
      state,
      ...(configuring ? { configuring } : {}),
      ...known({ name, partition, account, qos, nodes: nodeList(nodes), workdir }),
      ...(state === 'pending' && shownReason && shownReason !== 'None' ? { reason: shownReason } : {}),
      ...(priority && /^\d+$/.test(priority) ? { priority: Number(priority) } : {}),
      ...times({
        submit,
        start: waits ? undefined : start,
        end: isRunning(state) ? undefined : end,
        expected: waits ? start : undefined,
      }),
      ...timeLimit(limit),
      ...arrayTask(id),
    };
  });
}

/** Of squeue with `squeueKeyFormat`, or sacct with the columns JobID and Comment. */
export function parseKeys(stdout: string): { jobId: string; comment: string }[] {
  return records(stdout, separator, 2).map(([jobId = '', comment = '']) => ({ jobId, comment }));
}

/** Of `sacct --noheader --parsable2 --allocations` with `sacctDelimiter` and these columns. */
export function parseSacct(stdout: string, columns: readonly string[] = sacctColumns): JobSnapshot[] {
  return records(stdout, sacctDelimiter, columns.length).map((fields) => {
    const told: { readonly [column: string]: string | undefined } = Object.fromEntries(
      columns.map((column, index) => [column, fields[index]]),
    );
    const id = told.JobID ?? '';
    const { state, cancelledBy } = parseState(told.State ?? '');
    const status = parseExitCode(told.ExitCode ?? '');
    return {
      jobId: id,
      state,
      ...(cancelledBy === undefined ? {} : { cancelledBy }),
      ...(status === undefined || isRunning(state) ? {} : { status }),
      ...known({
        name: told.JobName,
        partition: told.Partition,
        account: told.Account,
        qos: told.QOS,
        nodes: nodeList(told.NodeList),
        workdir: told.WorkDir,
      }),
      ...times({ submit: told.Submit, eligible: told.Eligible, start: told.Start, end: told.End }),
      ...arrayTask(id),
    };
  });
}

/** A job as scontrol shows it; `batchHost`: the node of its batch script, once it has one. */
export type ShownJob = JobSnapshot & { readonly batchHost?: string };

/** Of `scontrol show job`, which may describe several (the tasks of an array). */
export function parseScontrolJobs(stdout: string): ShownJob[] {
  return stdout
    .split(/\n(?=JobId=)/)
    .map((block) => scontrolFields(block))
    .filter((fields) => fields.JobId)
    .map((fields) => {
      const { state, configuring } = parseState(fields.JobState ?? '');
      const status = parseExitCode(fields.ExitCode ?? '');
      const task = fields.ArrayTaskId;
      const parentJobId = fields.ArrayJobId;
      const isTask = parentJobId !== undefined && /^\d+$/.test(task ?? '');
      const waits = state === 'pending' && !configuring;
      const component =
        fields.HetJobId && fields.HetJobOffset ? `${fields.HetJobId}+${fields.HetJobOffset}` : undefined;
      const reason = fields.JobState === 'REVOKED' ? revoked : fields.Reason;
      return {
        jobId: isTask ? `${parentJobId}_${task}` : (component ?? fields.JobId ?? ''),
        state,
        ...(configuring ? { configuring } : {}),
        ...(parentJobId && !isTask ? { isArray: true } : {}),
        ...(isTask ? { arrayTask: { parentJobId, index: Number(task) } } : {}),
        ...(status === undefined || isRunning(state) ? {} : { status }),
        ...(reason && reason !== 'None' && state === 'pending' ? { reason } : {}),
        ...(/^\d+$/.test(fields.Restarts ?? '') ? { restarts: Number(fields.Restarts) } : {}),
        ...(/^\d+$/.test(fields.Priority ?? '') ? { priority: Number(fields.Priority) } : {}),
        ...known({
          name: fields.JobName,
          partition: fields.Partition,
          account: fields.Account,
          qos: fields.QOS,
          nodes: nodeList(fields.NodeList),
          workdir: fields.WorkDir,
          stdoutPath: fields.StdOut,
          stderrPath: fields.StdErr,
          batchHost: fields.BatchHost,
        }),
        ...times({
          submit: fields.SubmitTime,
          eligible: fields.EligibleTime,
          start: waits ? undefined : fields.StartTime,
          end: isRunning(state) ? undefined : fields.EndTime,
          expected: waits ? fields.StartTime : undefined,
        }),
        ...timeLimit(fields.TimeLimit),
      };
    });
}

/** Fields whose value may hold blanks stand alone on their line, or last on it. */
const wholeLine = /^(Command|WorkDir|Comment|AdminComment|StdErr|StdIn|StdOut|SubmitLine)=(.*)$/;

function scontrolFields(block: string): { [key: string]: string } {
  const fields: { [key: string]: string } = {};
  for (const line of block.split('\n').map((text) => text.trimStart())) {
    const whole = wholeLine.exec(line);
    const name = /^(.*?)\bJobName=(.*)$/.exec(line);
    if (whole?.[1]) fields[whole[1]] = whole[2] ?? '';
    else if (name) {
      Object.assign(fields, pairs(name[1] ?? ''));
      fields.JobName = name[2] ?? '';
    } else Object.assign(fields, pairs(line));
  }
  return fields;
}

function pairs(line: string): { [key: string]: string } {
  return Object.fromEntries(
    line
      .split(/\s+/)
      .filter((word) => word.includes('='))
      .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
}

/** Lines of `count` fields; what is too much belongs to the last one. Lines that are too short (a banner) are passed over. */
function records(stdout: string, delimiter: string, count: number): string[][] {
  return stdout
    .split('\n')
    .map((line) => line.split(delimiter))
    .filter((fields) => fields.length >= count)
    .map((fields) => [...fields.slice(0, count - 1), fields.slice(count - 1).join(delimiter)]);
}

/** As squeue(1) and scontrol(1) print it, in sbatch's own form; `UNLIMITED`, `NOT_SET` and `Partition_Limit` are none. */
function timeLimit(text = ''): Pick<JobSnapshot, 'timeLimitSeconds'> {
  const seconds = parseTimeLimit(text);
  return seconds !== undefined && Number.isFinite(seconds) ? { timeLimitSeconds: seconds } : {};
}

function arrayTask(jobId: string): Pick<JobSnapshot, 'arrayTask'> {
  const match = /^(\d+)_(\d+)$/.exec(jobId);
  return match?.[1] ? { arrayTask: { parentJobId: match[1], index: Number(match[2]) } } : {};
}

const isRunning = (state: JobState) => ['pending', 'running', 'suspended', 'completing'].includes(state);

const nodeList = (text: string | undefined) => (text && !/^(None assigned|\(null\))$/.test(text) ? text : undefined);

function known<T extends object>(fields: { [Key in keyof T]: T[Key] | undefined }): Partial<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && !['', '(null)', 'Unknown'].includes(String(value)),
    ),
  ) as Partial<T>;
}

function times(raw: {
  submit?: string | undefined;
  eligible?: string | undefined;
  start?: string | undefined;
  end?: string | undefined;
  expected?: string | undefined;
}) {
  return known({
    submitted: parseTime(raw.submit),
    eligible: parseTime(raw.eligible),
    started: parseTime(raw.start),
    ended: parseTime(raw.end),
    expectedStart: parseTime(raw.expected),
  });
}
