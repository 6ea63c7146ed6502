/** What workflow runs ask people. Pure. */
import type { Question, RunInfo } from '../../engine/protocol/workflows.ts';

export interface OpenQuestion extends Question {
  readonly run: RunInfo;
  readonly step: string;
  /** Of this asking: what is asked anew after a retry is another one. */
  readonly id: string;
}

/** Those that wait for an answer, in the order of the steps. */
export function openQuestions(run: RunInfo): readonly OpenQuestion[] {
  return run.steps.flatMap(({ key, asks = [] }) =>
    asks.map((question) => ({
      ...question,
      run,
      step: key,
      id: `${run.id}/${question.unit}/${question.attempt}`,
    })),
  );
}
