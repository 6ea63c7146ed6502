/** What a submission is at, in words. Pure. */
import type { SubmitProgress } from '../../engine/protocol/submit.ts';
import * as l10n from '../../language/text/l10n.ts';
import { plainLine } from '../text/plain-text.ts';

/** E.g. `the login setup runs: Collecting torch`. What the login setup printed is shortened, without control characters. */
export function stageWords({ stage, line }: Omit<SubmitProgress, 'key'>, cluster: string): string {
  switch (stage) {
    case 'connecting':
      return l10n.t('connecting to {0}', plainLine(cluster, 80));
    case 'login-setup':
      return line === undefined
        ? l10n.t('the login setup runs')
        : l10n.t('the login setup runs: {0}', plainLine(line, 100));
    case 'looking-for-job':
      return l10n.t('looking whether it was submitted already');
    case 'submitting':
      return l10n.t('handing the script to the scheduler');
  }
}
