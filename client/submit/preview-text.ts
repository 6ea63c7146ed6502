/** The report of a dry run. Pure. */
import type { SubmitPreview } from '../../engine/protocol/submit.ts';
import type { Timestamp } from '../../engine/protocol.ts';
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
    `Dry run of ${script} on ${cluster} (${version}). Nothing was submitted, nothing of the script ran.`,
    '',
    ...verdict(preview, now),
    `name: ${name}`,
    `working directory: ${workdir ?? '~'}`,
    ...list('options that count', options),
    ...list('watchers', watchers),
    ...list('uploaded before', uploads),
    ...list('before it, on the login node', loginSetup?.trimEnd().split('\n') ?? []),
    ...list(
      'the scheduler remarks',
      warnings.map(({ words, range }) => (range ? `line ${range.start.line + 1}: ${words}` : words)),
    ),
  ];
  return `${stripControls(lines.join('\n'))}\n`;
}

function verdict({ cluster, forecast, unanswered }: SubmitPreview, now: Timestamp): readonly string[] {
  if (unanswered !== undefined) return [`${cluster} did not answer: ${unanswered}`];
  if (!forecast) return ['The scheduler cannot tell beforehand whether it would take the job.'];
  const { expectedStart, processors, nodes, partition } = forecast;
  const where = [
    processors === undefined ? undefined : `${processors} ${processors === 1 ? 'processor' : 'processors'}`,
    nodes === undefined ? undefined : `on ${nodes}`,
    partition === undefined ? undefined : `in partition ${partition}`,
  ].filter((part) => part !== undefined);
  return [
    `${cluster} would take it.`,
    ...(expectedStart === undefined ? [] : [`expected start: ${startWords(expectedStart, now)}`]),
    ...(where.length === 0 ? [] : [`where: ${where.join(' ')}`]),
  ];
}

/** Clocks differ by some seconds: what starts within them starts at once. */
function startWords(start: Timestamp, now: Timestamp): string {
  return start - now < 30 ? 'at once' : `${clockTime(start, now)}, in ${duration(start - now)}, as things are now`;
}

function list(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}
