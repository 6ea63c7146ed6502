/** A script that cannot be used as it is: its own errors, or the scheduler's. */
import type { Refusal } from './protocol.ts';

/** The script cannot be submitted or watched, or the scheduler refused it; `refusal` says where. */
export class SubmitRefusedError extends Error {
  readonly refusal: Refusal;
  readonly byScheduler: boolean;

  constructor(message: string, refusal: Refusal, byScheduler: boolean, cause?: unknown) {
    super(message, { cause });
    this.refusal = refusal;
    this.byScheduler = byScheduler;
  }
}
