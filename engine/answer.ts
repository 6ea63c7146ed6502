/** The engine's errors as its clients get them. */
import { ResponseError } from 'vscode-jsonrpc/node';
import { ConnectionError } from './clusters/connection.ts';
import { UnknownClusterError, UnknownJobError } from './engine-errors.ts';
import { EventNeverReceivedError, JobExceptionError, WaitTimeoutError } from './eventlog/read-events.ts';
import { InvalidEventError } from './events/emitted-events.ts';
import { FileError } from './files/file-error.ts';
import { NotAdoptableError } from './jobs/adoption.ts';
import { NoSchedulerError } from './jobs/backend.ts';
import type { FileRefusal } from './protocol/file-system.ts';
import { type EventlogEntry, errorCodes, type Refusal } from './protocol.ts';
import { SubmitRefusedError } from './refusal.ts';
import { SchedulerUnavailableError } from './schedulers/scheduler.ts';
import { InvalidWorkflowError } from './workflows/run-params.ts';

/** The engine's errors as those of the protocol. */
export async function answer<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ResponseError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new ResponseError(codeOf(error), message, dataOf(error));
  }
}

function dataOf(error: unknown): Refusal | EventlogEntry | FileRefusal | undefined {
  if (error instanceof FileError) return { problem: error.problem };
  if (error instanceof SubmitRefusedError) return error.refusal;
  return error instanceof JobExceptionError ? error.entry : undefined;
}

function codeOf(error: unknown): number {
  if (error instanceof FileError) return errorCodes.file;
  if (error instanceof WaitTimeoutError) return errorCodes.waitTimeout;
  if (error instanceof EventNeverReceivedError) return errorCodes.neverReceived;
  if (error instanceof JobExceptionError) return errorCodes.jobException;
  if (error instanceof SubmitRefusedError) return error.byScheduler ? errorCodes.refused : errorCodes.invalidScript;
  if (error instanceof UnknownClusterError) return errorCodes.unknownCluster;
  if (error instanceof UnknownJobError || error instanceof NotAdoptableError) return errorCodes.unknownJob;
  if (error instanceof InvalidEventError || error instanceof InvalidWorkflowError) return errorCodes.invalidInput;
  if (error instanceof NoSchedulerError) return errorCodes.noScheduler;
  if (ConnectionError.is(error, 'authentication') || ConnectionError.is(error, 'declined'))
    return errorCodes.authentication;
  if (ConnectionError.is(error, 'host-key')) return errorCodes.hostKey;
  if (ConnectionError.is(error) || error instanceof SchedulerUnavailableError) return errorCodes.connection;
  return errorCodes.invalidParams;
}
