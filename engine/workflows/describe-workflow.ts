/** A workflow file, none of whose steps has begun. Pure. */
import type { WorkflowDescription, WorkflowFile } from '../protocol/workflows.ts';
import { placeOf } from './file-place.ts';
import { stepInfos } from './run-info.ts';
import { specOf } from './run-params.ts';
import { RunState } from './run-state.ts';

/** Throws `InvalidWorkflowError` when the file has errors. */
export function describeWorkflow(file: WorkflowFile, text: string): WorkflowDescription {
  const spec = specOf(placeOf(file), text);
  const { name, cluster, params } = spec;
  return {
    params,
    steps: stepInfos(spec, new RunState()),
    ...(name === undefined ? {} : { name }),
    ...(cluster === undefined ? {} : { cluster }),
  };
}
