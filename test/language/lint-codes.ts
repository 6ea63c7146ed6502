/** The codes of lints, which lints.test.ts is about. */
import { problemCodes } from '../../language/problem/codes.ts';

const lints = [
  'watcher/comment-in-value',
  'watcher/in-here-document',
  'watcher/same-pattern',
  'watcher/unused-capture',
  'watcher/never-triggers',
  'watcher/default-states',
  'watcher/array-job',
  'watcher/resubmit-limit',
  'watcher/resubmit-from-start',
  'watcher/cancel-and-resubmit',
  'pattern/catastrophic',
  'pattern/matches-every-line',
  'pattern/never-matches',
  'pattern/matches-itself',
  'condition/always-raises',
  'condition/constant',
  'action/no-target',
  'action/command-policy',
  'script/srun-tasks',
  'directive/near-miss',
  'directive/ignored-text',
  'directive/unicode-dash',
  'directive/duplicate-option',
  'directive/memory-conflict',
  'directive/variable',
  'directive/no-time-limit',
  'directive/array-output',
  'directive/missing-directory',
  'directive/signal-without-trap',
];

export const lintCodes: ReadonlySet<string> = new Set(
  Object.keys(problemCodes).filter((code) => lints.includes(code) || code.startsWith('login-setup/')),
);
