/** Heterogeneous jobs: Slurm tells of each component (`16+0`, `16+1`), people submitted one job, and one script runs. Pure. */
import type { JobState } from '../protocol.ts';
import type { JobSnapshot } from './scheduler.ts';
import { isEnded } from './transitions.ts';

const component = /^(\d+)\+(\d+)$/;

/** The components among `jobs` as one job each, at the place of the first of them; the others as they are. */
export function mergeComponents<Job extends JobSnapshot>(jobs: readonly Job[]): Job[] {
  const parts = new Map<string, Job[]>();
  for (const job of jobs) {
    const whole = component.exec(job.jobId)?.[1] ?? job.jobId;
    const known = parts.get(whole);
    if (known && component.test(job.jobId)) known.push(job);
    else parts.set(component.test(job.jobId) ? whole : `${whole} ${parts.size}`, [job]);
  }
  return [...parts].flatMap(([whole, group]) => (component.test(group[0]?.jobId ?? '') ? merged(whole, group) : group));
}

const offsetOf = ({ jobId }: JobSnapshot) => Number(component.exec(jobId)?.[2]);

/** The script runs on the first component: its output, its exit status, and while it runs its state, are the job's. */
function merged<Job extends JobSnapshot>(jobId: string, group: readonly Job[]): Job[] {
  const parts = [...group].sort((a, b) => offsetOf(a) - offsetOf(b));
  const [leader] = parts;
  if (!leader) return [];
  const ended = parts.every((part) => isEnded(part.state));
  const unsuccessful = parts.filter((part) => part.state !== 'completed');
  const worst = unsuccessful.find((part) => part.state !== 'cancelled') ?? unsuccessful[0] ?? leader;
  const state: JobState = ended ? worst.state : isEnded(leader.state) ? 'completing' : leader.state;
  const { ended: endedAt, status, ...rest } = leader;
  const whole = {
    ...rest,
    jobId,
    state,
    ...joined('partition', parts),
    ...joined('nodes', parts),
    components: parts.map((part) => ({
      offset: offsetOf(part),
      state: part.state,
      ...(part.partition === undefined ? {} : { partition: part.partition }),
      ...(part.nodes === undefined ? {} : { nodes: part.nodes }),
    })),
    ...(ended && endedAt !== undefined ? { ended: Math.max(...parts.map((part) => part.ended ?? 0)) } : {}),
    ...(ended && worst.status !== undefined ? { status: worst.status } : {}),
  };
  // Only fields that a snapshot may lack were left out.
  return [whole as unknown as Job];
}

function joined(field: 'partition' | 'nodes', parts: readonly JobSnapshot[]): Partial<JobSnapshot> {
  const values = [...new Set(parts.flatMap((part) => part[field] ?? []))];
  return values.length > 0 ? { [field]: values.join(',') } : {};
}
