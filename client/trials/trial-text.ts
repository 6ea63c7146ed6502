/** What a trial of watchers says: in the lens over a watcher, in the hover over a match, behind a line, in the status bar. Pure. */
import type { TrialAction, TrialMatch, TrialResult, TrialWatcher } from '../../engine/protocol/trials.ts';
import * as l10n from '../../language/text/l10n.ts';
import { linesInWords, matchesInWords } from '../text/counts.ts';
import { inlineCode, joinLines } from '../text/markdown.ts';
import { plainLine } from '../text/plain-text.ts';

/** `3 matches, would fire 1×, line 120`. */
export function trialLensText(watcher: TrialWatcher, matches: readonly TrialMatch[]): string {
  const [problem] = watcher.problems;
  if (problem !== undefined) return `$(error) ${l10n.t('not tried: {0}', plainLine(problem, 160))}`;
  const own = matches.filter((match) => match.watcher === watcher.name);
  const fires = own.filter(({ actions }) => actions.length > 0);
  const [first] = fires.length > 0 ? fires : own;
  const parts = [
    matchesInWords(watcher.matches),
    ...(watcher.matches > 0 ? [firesText(watcher)] : []),
    ...(watcher.atEnd.length > 0
      ? [l10n.t('at the end {0}', watcher.atEnd.map(({ name }) => plainLine(name, 40)).join(', '))]
      : []),
    ...(first ? [l10n.t('line {0}', first.line.toLocaleString('en'))] : []),
  ];
  return `$(beaker) ${parts.join(', ')}`;
}

function firesText({ triggers, matches, atEnd }: TrialWatcher): string {
  const times = triggers - (atEnd.length > 0 ? 1 : 0);
  return times > 0 || matches === 0 ? l10n.t('would fire {0}×', times.toLocaleString('en')) : l10n.t('would not fire');
}

/** Markdown. Everything that the output brought is in code spans. */
export function trialHover(match: TrialMatch, textOf: (start: number, end: number) => string): string {
  const captures = match.spans
    .slice(1)
    .map(({ name, start, end }) => `${inlineCode(name)} = ${inlineCode(textOf(start, end))}`);
  const values = match.condition === undefined ? [] : [inlineCode(match.condition)];
  const why = match.why === undefined ? [] : [inlineCode(match.why)];
  return joinLines([
    l10n.t('Watcher {0} matches', inlineCode(match.watcher)),
    ...captures,
    ...verdictLines(match.actions, values, why),
  ]);
}

/** With one action the reason stands beside it, with several below them. */
function verdictLines(
  actions: readonly TrialAction[],
  values: readonly string[],
  why: readonly string[],
): readonly string[] {
  if (actions.length === 0) return [`**${l10n.t('Would not fire')}**: ${[...why, ...values].join(' – ')}`];
  const fires = actions.map((action) => `**${l10n.t('Would fire')}** ${inlineCode(actionText(action))}`);
  const because = values.map((value) =>
    actions.length === 1 ? `${fires[0]}: ${value}` : l10n.t('because {0}', value),
  );
  const verdict = actions.length === 1 && because.length > 0 ? because : [...fires, ...because];
  return [...verdict, ...why.map((one) => l10n.t('but {0}', one))];
}

/** Behind a line at which something would be done: `would fire cancel_job: loss=11.2 > 10`. */
export function trialNote({ actions, condition }: TrialMatch): string {
  const names = actions.map(({ name }) => name).join(', ');
  return plainLine([l10n.t('would fire {0}', names), condition].filter((part) => part !== undefined).join(': '), 120);
}

/** `cancel_job(reason="loss 11.2")`. */
export function actionText({ name, params }: TrialAction): string {
  const shown = Object.entries(params).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${name}(${shown.join(', ')})`;
}

/** `3 matches, would fire 1×`, over all watchers. */
export function trialSummary({ watchers, stopped }: TrialResult): string {
  const matches = watchers.reduce((sum, watcher) => sum + watcher.matches, 0);
  const triggers = watchers.reduce((sum, watcher) => sum + watcher.triggers, 0);
  const broken = watchers.filter(({ problems }) => problems.length > 0).length;
  const parts = [
    matchesInWords(matches),
    l10n.t('would fire {0}×', triggers.toLocaleString('en')),
    ...(broken > 0 ? [l10n.t('{0} not tried', broken)] : []),
    ...(stopped === undefined ? [] : [l10n.t('stopped early')]),
  ];
  return parts.join(', ');
}

/** Markdown for the status bar: a line a watcher, and what has to be known about the whole. */
export function trialDetails(script: string, output: string, result: TrialResult): string {
  const { watchers, matches, lines, stopped } = result;
  const all = watchers.reduce((sum, watcher) => sum + watcher.matches, 0);
  return joinLines([
    l10n.t('{0} tried on {1}, {2}. Nothing is performed.', inlineCode(script), inlineCode(output), linesInWords(lines)),
    ...(stopped === undefined ? [] : [`**${stopped[0]?.toUpperCase()}${stopped.slice(1)}.**`]),
    ...(all > matches.length
      ? [l10n.t('Marked are the first {0} of {1}.', matchesInWords(matches.length), all.toLocaleString('en'))]
      : []),
    ...watchers.flatMap((watcher) => [
      `${inlineCode(watcher.name)}: ${trialLensText(watcher, matches).replace(/^\$\(\w+\) /, '')}`,
      ...watcher.notes.map((note) => `– ${inlineCode(note)}`),
    ]),
    l10n.t('Click to stop.'),
  ]);
}
