/** A document whose text watchers are tried on, as the engine gets it. */
import type * as vscode from 'vscode';
import type { JobInfo, JobState, ReplaySource } from '../../engine/protocol.ts';
import { outputScheme, parseJobUri } from '../documents/job-uri.ts';
import type { OutputDocuments } from '../documents/output-documents.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { isEnded } from '../jobs/job-states.ts';

export interface TrialInput {
  readonly source: ReplaySource;
  /** Which stream of the source the document shows. */
  readonly stream: 'stdout' | 'stderr';
  /** Line of the document, from 0, that the first line of the source is. */
  readonly firstLine: number;
  /** How the job ends; `null`: it goes on. */
  readonly endState: JobState | null;
}

/** What is in `document` now. A saved file is read by the engine itself: its text need not cross the socket. */
export function trialInput(engine: EngineClient, outputs: OutputDocuments, document: vscode.TextDocument): TrialInput {
  const { uri } = document;
  if (uri.scheme === outputScheme) {
    const target = parseJobUri(uri);
    const job = target && engine.store.jobs.get(target.job);
    const shown = outputs.shown(uri);
    const stream = target?.stream ?? 'stdout';
    return {
      source: textSource(shown?.text ?? '', stream, job),
      stream: isOneFile(job) ? 'stdout' : stream,
      firstLine: shown?.firstLine ?? 0,
      endState: job && !isEnded(job) ? null : (job?.state ?? 'completed'),
    };
  }
  const source: ReplaySource =
    uri.scheme === 'file' && !document.isDirty
      ? { kind: 'file', stdout: uri.fsPath }
      : { kind: 'text', stdout: document.getText() };
  return { source, stream: 'stdout', firstLine: 0, endState: 'completed' };
}

/** A watcher of stderr looks at the document of stderr only, unless both streams are one file. */
function textSource(text: string, stream: 'stdout' | 'stderr', job: JobInfo | undefined): ReplaySource {
  if (isOneFile(job)) return { kind: 'text', stdout: text };
  return stream === 'stdout' ? { kind: 'text', stdout: text, stderr: '' } : { kind: 'text', stdout: '', stderr: text };
}

function isOneFile(job: JobInfo | undefined): boolean {
  return job?.stderrPath === undefined || job.stderrPath === job.stdoutPath;
}
