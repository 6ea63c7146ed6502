/** What a terminal runs to be inside of a running job's allocation. Pure. */
import type { ClusterInfo, JobInfo } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';

export interface TerminalCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** `undefined`: nothing but a directory is needed, the job's processes are this machine's. Throws where there is no way. */
export function terminalCommand(
  { jobId, cluster: name, state }: JobInfo,
  { kind, scheduler, ssh = { host: name } }: Pick<ClusterInfo, 'kind' | 'scheduler' | 'ssh'>,
  sshConfigFile: string | undefined,
): TerminalCommand | undefined {
  if (state !== 'running')
    throw new Error(l10n.t('Job {0} does not run: there is no node to have a terminal on.', jobId));
  if (scheduler === 'local') return undefined;
  if (scheduler !== 'slurm')
    throw new Error(l10n.t('A terminal in a job is a step of Slurm: other schedulers have none.'));
  const step = slurmStep(jobId);
  if (kind === 'local') return { program: 'sh', args: ['-c', step] };
  const options = [
    ...(sshConfigFile === undefined ? [] : ['-F', sshConfigFile]),
    ...(ssh.user === undefined ? [] : ['-l', ssh.user]),
    ...(ssh.port === undefined ? [] : ['-p', String(ssh.port)]),
  ];
  // The login shell there may be none of POSIX; what it runs has no quote of this kind.
  // `--`: a host that begins with `-` is a host.
  return { program: 'ssh', args: [...options, '-t', '--', ssh.host, `exec sh -c '${step}'`] };
}

/**
 * For a POSIX shell: a step of its own beside the job's (srun(1), `--overlap`, from Slurm 20.11), on its first node. srun wants
 * the number that a task of an array has for itself, which squeue(1) tells (`%A`).
 */
function slurmStep(jobId: string): string {
  if (!/^\d+(_\d+)?$/.test(jobId)) throw new Error(l10n.t('{0} is no id of a single job.', jobId));
  const id = `$(squeue --noheader --states=R --jobs=${jobId} --format=%A | head -n 1)`;
  return `exec srun --jobid="${id}" --overlap --pty "\${SHELL:-/bin/sh}" -l`;
}
