/** Reads what Slurm's commands print (20.11 to 25.x). Pure; pinned by recordings of a real Slurm in test/recordings/slurm. */
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
  '%e', // end time: expected one for running jobs
  '%Z', // working directory
  '%j', // name
] as const;

export const squeueFormat = squeueColumns.join(separator);
export const squeueKeyFormat = ['%i', '%k'].join(separator);

/** Columns of `sacct --parsable2`; JobName last, as only a name may hold the delimiter. */
export const sacctFormat =
  'JobID,State,ExitCode,Submit,Eligible,Start,End,Partition,Account,QOS,NodeList,WorkDir,JobName';

/** Slurm's states (squeue(1), JOB STATE CODES) as ours. */
const states: { readonly [slurm: string]: JobState } = {
  PENDING: 'pending',
  REQUEUED: 'pending',
  REQUEUE_HOLD: 'pending',
  REQUEUE_FED: 'pending',
  SPECIAL_EXIT: 'pending',
  RESV_DEL_HOLD: 'pending',
  // Its nodes boot: it has them, but nothing runs, and its start time will change.
  CONFIGURING: 'pending',
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
  REVOKED: 'cancelled',
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
  const configuring = match?.[1] === 'CONFIGURING' ? { configuring: true } : {};
  return { state, ...configuring, ...(match?.[2] ? { cancelledBy: Number(match[2]) } : {}) };
}

/** `EXIT:SIGNAL` as a wait(2) status: `3:0` is 768. */
export function parseExitCode(text: string): number | undefined {
  const match = /^(\d+):(\d+)$/.exec(text);
  return match ? (Number(match[1]) << 8) | Number(match[2]) : undefined;
}

/** Times are asked for as seconds since the epoch (SLURM_TIME_FORMAT=%s); `Unknown`, `N/A`, `None` are none. */
export function parseTime(text: string | undefined): Timestamp | undefined {
  return text && /^\d+$/.test(text) && text !== '0' ? Number(text) : undefined;
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
      end,
      workdir,
      name,
    ] = fields;
    const { state, configuring } = parseState(stateText);
    const shownReason = configuring ? 'Configuring' : reason;
    return {
      jobId: id,
      state,
      ...(configuring ? { configuring } : {}),
      ...known({ name, partition, account, qos, nodes: nodeList(nodes), workdir }),
      ...(state === 'pending' && shownReason && shownReason !== 'None' ? { reason: shownReason } : {}),
      ...(priority && /^\d+$/.test(priority) ? { priority: Number(priority) } : {}),
      ...times({
        submit,
        start: state === 'pending' && !configuring ? undefined : start,
        end: isRunning(state) ? undefined : end,
      }),
      ...arrayTask(id),
    };
  });
}

export function parseSqueueKeys(stdout: string): { jobId: string; comment: string }[] {
  return records(stdout, separator, 2).map(([jobId = '', comment = '']) => ({ jobId, comment }));
}

/** Of `sacct --noheader --parsable2 --allocations`. */
export function parseSacct(stdout: string): JobSnapshot[] {
  return records(stdout, '|', 13).map((fields) => {
    const [
      id = '',
      stateText = '',
      exit = '',
      submit,
      eligible,
      start,
      end,
      partition,
      account,
      qos,
      nodes,
      workdir,
      name,
    ] = fields;
    const { state, cancelledBy } = parseState(stateText);
    const status = parseExitCode(exit);
    return {
      jobId: id,
      state,
      ...(cancelledBy === undefined ? {} : { cancelledBy }),
      ...(status === undefined || isRunning(state) ? {} : { status }),
      ...known({ name, partition, account, qos, nodes: nodeList(nodes), workdir }),
      ...times({ submit, eligible, start, end }),
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
      return {
        jobId: isTask ? `${parentJobId}_${task}` : (fields.JobId ?? ''),
        state,
        ...(configuring ? { configuring } : {}),
        ...(parentJobId && !isTask ? { isArray: true } : {}),
        ...(isTask ? { arrayTask: { parentJobId, index: Number(task) } } : {}),
        ...(status === undefined || isRunning(state) ? {} : { status }),
        ...(fields.Reason && fields.Reason !== 'None' && state === 'pending' ? { reason: fields.Reason } : {}),
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
          start: state === 'pending' && !configuring ? undefined : fields.StartTime,
          end: isRunning(state) ? undefined : fields.EndTime,
        }),
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
}) {
  return known({
    submitted: parseTime(raw.submit),
    eligible: parseTime(raw.eligible),
    started: parseTime(raw.start),
    ended: parseTime(raw.end),
  });
}
