/** The report of a dry run. Pure. */
import type { SubmitPreview } from '../../engine/protocol/submit.ts';
import type { Timestamp } from '../../engine/protocol.ts';
import * as l10n from '../../language/text/l10n.ts';
import { stripControls } from '../text/plain-text.ts';
import { clockTime, duration } from '../text/time.ts';

/**
 * @param script name of the file, for people
 * @param uploads files and folders that would be sent before
 */
export function previewText(
  script: string,
  preview: SubmitPreview,
  now: Timestamp,
  uploads: readonly string[] = [],
): string {
  const { cluster, version, name, workdir, options, watchers, loginSetup, warnings } = preview;
  const lines = [
    l10n.t('Dry run of {0} on {1} ({2}). Nothing was submitted, nothing of the script ran.', script, cluster, version),
    '',
    ...verdict(preview, now),
    l10n.t('name: {0}', name),
    l10n.t('working directory: {0}', workdir ?? '~'),
    ...list(l10n.t('options that count'), options),
    ...list(l10n.t('watchers'), watchers),
    ...list(l10n.t('uploaded before'), uploads),
    ...list(l10n.t('before it, on the login node'), loginSetup?.trimEnd().split('\n') ?? []),
    ...list(
      l10n.t('the scheduler remarks'),
      warnings.map(({ words, range }) => (range ? l10n.t('line {0}: {1}', range.start.line + 1, words) : words)),
    ),
  ];
  return `${stripControls(lines.join('\n'))}\n`;
}

function verdict({ cluster, forecast, unanswered }: SubmitPreview, now: Timestamp): readonly string[] {
  if (unanswered !== undefined) return [l10n.t('{0} did not answer: {1}', cluster, unanswered)];
  if (!forecast) return [l10n.t('The scheduler cannot tell beforehand whether it would take the job.')];
  const { expectedStart, processors, nodes, partition } = forecast;
  const where = [
    processors === undefined
      ? undefined
      : processors === 1
        ? l10n.t('1 processor')
        : l10n.t('{0} processors', processors),
    nodes === undefined ? undefined : l10n.t('on {0}', nodes),
    partition === undefined ? undefined : l10n.t('in partition {0}', partition),
  ].filter((part) => part !== undefined);
  return [
    l10n.t('{0} would take it.', cluster),
    ...(expectedStart === undefined ? [] : [l10n.t('expected start: {0}', startWords(expectedStart, now))]),
    ...(where.length === 0 ? [] : [l10n.t('where: {0}', where.join(' '))]),
  ];
}

/** Clocks differ by some seconds: what starts within them starts at once. */
function startWords(start: Timestamp, now: Timestamp): string {
  return start - now < 30
    ? l10n.t('at once')
    : l10n.t('{0}, in {1}, as things are now', clockTime(start, now), duration(start - now));
}

function list(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}
