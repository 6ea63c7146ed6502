/** `emit_event(name, payload)`: a durable event that workflows await, emitted once. */
import { eventProblem } from '../events/emitted-events.ts';
import { type Action, done, failed, textParam } from './action.ts';

export const emitEvent: Action = (intent, host) => {
  const name = textParam(intent, 'name') ?? '';
  const payload = intent.params.payload ?? null;
  const problem = eventProblem(name, payload);
  if (problem) return failed(problem);
  const { duplicate } = host.emit(name, payload);
  return done(duplicate ? `${name} was emitted before: this one is kept as a duplicate` : `emitted ${name}`);
};
