/** What to tell a person when a request to the engine failed, and which buttons help. */
import { errorCodes, type Refusal } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { plainLine } from '../text/plain-text.ts';

export type ErrorAction =
  | 'Retry'
  | 'Show Line'
  | 'Open Settings'
  | 'Open SSH Configuration'
  | 'Reload Window'
  | 'Show Log';

/** What stands on the buttons. */
export const actionLabels: { readonly [action in ErrorAction]: string } = {
  Retry: l10n.t('Retry'),
  'Show Line': l10n.t('Show Line'),
  'Open Settings': l10n.t('Open Settings'),
  'Open SSH Configuration': l10n.t('Open SSH Configuration'),
  'Reload Window': l10n.t('Reload Window'),
  'Show Log': l10n.t('Show Log'),
};

export interface ErrorExplanation {
  readonly message: string;
  readonly actions: readonly ErrorAction[];
  /** The scheduler's answer, when it was one. */
  readonly refusal?: Refusal;
}

const actionsByCode: ReadonlyMap<number, readonly ErrorAction[]> = new Map([
  [errorCodes.clientOutdated, ['Reload Window']],
  [errorCodes.unknownCluster, ['Open Settings', 'Open SSH Configuration']],
  [errorCodes.connection, ['Retry', 'Open SSH Configuration']],
  [errorCodes.authentication, ['Retry', 'Open SSH Configuration']],
  [errorCodes.hostKey, ['Show Log']],
  [errorCodes.noScheduler, ['Open Settings']],
  [errorCodes.unknownJob, []],
  [errorCodes.invalidParams, []],
]);

/** `doing`: what failed, for the beginning of the message, e.g. `Submitting train.sh to login`. */
export function explainError(error: unknown, doing: string): ErrorExplanation {
  const message = plainLine(
    l10n.t('{0} failed: {1}', doing, error instanceof Error ? error.message : String(error)),
    1000,
  );
  const code = numberField(error, 'code');
  const refusal = refusalOf(error);
  if (refusal) return { message, actions: refusal.range ? ['Show Line'] : ['Show Log'], refusal };
  return { message, actions: (code !== undefined && actionsByCode.get(code)) || ['Show Log'] };
}

/** The `Refusal` that came with an error of code `refused` or `invalidScript`. */
function refusalOf(error: unknown): Refusal | undefined {
  const code = numberField(error, 'code');
  if (code !== errorCodes.refused && code !== errorCodes.invalidScript) return undefined;
  const data: unknown = Reflect.get(Object(error), 'data');
  const words: unknown = Reflect.get(Object(data), 'words');
  return typeof words === 'string' ? (data as Refusal) : undefined;
}

function numberField(value: unknown, name: string): number | undefined {
  const field: unknown = Reflect.get(Object(value), name);
  return typeof field === 'number' ? field : undefined;
}
